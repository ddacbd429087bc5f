package dev.cria.cli;

import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.tune.Conversation;
import dev.cria.tune.PeftFiles;
import dev.cria.tune.Template;
import dev.cria.weights.NamedModel;
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
        description = "Holds a conversation with a model in the terminal.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  ./cria chat runs/nano --adapter runs/nano-tuned/adapter",
            "",
            "In the conversation:",
            "  /reset           forgets everything but the system prompt",
            "  /system TEXT     sets the system prompt and starts over",
            "  /save FILE       writes the conversation as JSON",
            "  /exit, Ctrl-D    leaves; Ctrl-C stops an answer"
        })
final class ChatCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "MODEL",
            description = "hf://OWNER/MODEL[@REVISION], a model directory, a run, or a tuning run.")
    private String model = "";

    @Option(names = "--adapter", paramLabel = "DIR", description = "Adapter to apply to the model.")
    private Optional<String> adapter = Optional.empty();

    @Option(
            names = "--template",
            paramLabel = "NAME",
            description =
                    "Prompt template: vicuna_v1.1, vicuna_v1.1_newlines or chat_template (default: the one the model"
                            + " was tuned with).")
    private Optional<String> template = Optional.empty();

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Maximum tokens per answer (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.7",
            description = "Sampling temperature; 0 always takes the likeliest token (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Sample from the K likeliest tokens only; 0 samples from all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "0.9",
            description =
                    "Sample from the smallest set of tokens whose probability reaches P (default: ${DEFAULT-VALUE}).")
    private double topP;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1337",
            description = "Random seed; the same seed gives the same answers (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Override
    public Integer call() throws IOException {
        var progress = new PlainProgress(System.err);
        Path place = NamedModel.of(model, progress).path();
        Optional<Path> given = adapter.map(name -> NamedModel.of(name, progress).path());
        Optional<Path> tuned = given.or(() -> PeftFiles.find(place));
        try (var open = compute.open(place, given);
                Terminal terminal =
                        TerminalBuilder.builder().system(true).dumb(true).build()) {
            var tokenizer = open.requireTokenizer();
            open.warn(progress);
            String name = template.orElseGet(() -> Template.nameFor(tuned, tokenizer));
            int positions = open.model().config().positions();
            var conversation = new Conversation(
                    new Generator(open.model(), open.kernels()), tokenizer, Template.named(name, tokenizer), positions);
            var options = open.options(maxNewTokens, new Sampling(temperature, topK, topP), seed, 1);
            String title = "%s  %,d parameters, %,d positions, template %s"
                    .formatted(model, open.model().config().parameterCount(), positions, name);
            new ChatScreen(terminal, conversation, options).converse(title);
            return 0;
        }
    }
}
