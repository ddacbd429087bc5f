package dev.cria.cli;

import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.tune.Conversation;
import dev.cria.tune.PeftFiles;
import dev.cria.tune.Template;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria chat}: a conversation in the terminal. */
@Command(
        name = "chat",
        description = "A conversation with a model in the terminal.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  ./cria chat runs/nano --adapter runs/nano-tuned/adapter",
            "",
            "While it runs: /reset forgets, /system TEXT sets the system's words, /save FILE writes the",
            "conversation, /exit or Ctrl-D leaves; Ctrl-C stops an answer."
        })
final class ChatCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = "A model directory, a run, or a tuning run.")
    private Path model = Path.of("");

    @Option(names = "--adapter", paramLabel = "DIR", description = "An adapter to put on the model.")
    private Optional<Path> adapter = Optional.empty();

    @Option(
            names = "--template",
            paramLabel = "NAME",
            description =
                    "vicuna_v1.1, vicuna_v1.1_newlines or chat_template (default: what the model was tuned with).")
    private Optional<String> template = Optional.empty();

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Most tokens of an answer (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.7",
            description = "0 takes the likeliest token always (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "0.9",
            description = "Choose among the fewest tokens that hold this probability (default: ${DEFAULT-VALUE}).")
    private double topP;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1337",
            description = "The same seed gives the same answers (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Override
    public Integer call() throws IOException {
        Optional<Path> tuned = adapter.or(() -> PeftFiles.find(model));
        try (var open = adapter.isPresent() ? OpenModel.open(model, adapter, compute) : OpenModel.open(model, compute);
                Terminal terminal =
                        TerminalBuilder.builder().system(true).dumb(true).build()) {
            var tokenizer = open.requireTokenizer();
            String name = template.orElseGet(() -> Template.nameFor(tuned, tokenizer));
            int positions = open.model().config().positions();
            var conversation = new Conversation(
                    new Generator(open.model(), open.kernels()), tokenizer, Template.named(name, tokenizer), positions);
            var options = open.options(maxNewTokens, new Sampling(temperature, 0, topP), seed, 1);
            String title = "%s  %,d parameters, %,d positions, template %s"
                    .formatted(model, open.model().config().parameterCount(), positions, name);
            new ChatScreen(terminal, conversation, options).converse(title);
            return 0;
        }
    }
}
