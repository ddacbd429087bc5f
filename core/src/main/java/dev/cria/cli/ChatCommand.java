package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.tune.Conversation;
import dev.cria.tune.Template;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
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
            defaultValue = "vicuna_v1.1",
            description = "vicuna_v1.1, vicuna_v1.1_newlines or chat_template (default: ${DEFAULT-VALUE}).")
    private String template = "vicuna_v1.1";

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

    private final AtomicBoolean interrupted = new AtomicBoolean();

    @Override
    public Integer call() throws IOException {
        try (var open = adapter.isPresent() ? OpenModel.open(model, adapter, compute) : OpenModel.open(model, compute);
                Terminal terminal =
                        TerminalBuilder.builder().system(true).dumb(true).build()) {
            var tokenizer = open.requireTokenizer();
            var conversation = new Conversation(
                    new Generator(open.model(), open.kernels()),
                    tokenizer,
                    Template.named(template, tokenizer),
                    open.model().config().positions());
            var options = open.options(maxNewTokens, new Sampling(temperature, 0, topP), seed, 1);
            terminal.writer().println("/reset  /system TEXT  /save FILE  /exit; Ctrl-C stops an answer");
            converse(terminal, conversation, options);
            return 0;
        }
    }

    private void converse(Terminal terminal, Conversation conversation, GenerateOptions options) {
        LineReader reader = LineReaderBuilder.builder().terminal(terminal).build();
        while (true) {
            try {
                String line = reader.readLine("you> ").strip();
                if (line.equals("/exit")) {
                    return;
                }
                if (line.startsWith("/")) {
                    terminal.writer().println(obey(line, conversation));
                } else if (!line.isEmpty()) {
                    answer(terminal, conversation, line, options);
                }
            } catch (RequestException e) {
                terminal.writer().println("error: " + e.error() + "\nhint: " + e.hint());
            } catch (UserInterruptException _) {
                // Ctrl-C on a line that is being written drops the line.
            } catch (EndOfFileException _) {
                return;
            }
            terminal.flush();
        }
    }

    private static String obey(String line, Conversation conversation) {
        String[] words = line.split("\\s+", 2);
        String rest = words.length > 1 ? words[1].strip() : "";
        switch (words[0]) {
            case "/reset" -> conversation.reset();
            case "/system" -> conversation.system(rest);
            case "/save" -> {
                if (rest.isEmpty()) {
                    throw new RequestException("/save needs the name of a file", "/save talk.json");
                }
                conversation.save(Path.of(rest));
                return "written to " + rest;
            }
            default ->
                throw new RequestException(
                        words[0] + " is no command here", "/reset, /system TEXT, /save FILE or /exit");
        }
        return "the conversation begins anew";
    }

    private void answer(Terminal terminal, Conversation conversation, String question, GenerateOptions options) {
        interrupted.set(false);
        var before = terminal.handle(Terminal.Signal.INT, _ -> interrupted.set(true));
        try {
            conversation.ask(
                    question,
                    options,
                    piece -> {
                        terminal.writer().print(piece);
                        terminal.flush();
                    },
                    interrupted::get);
            terminal.writer().println();
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
        }
    }
}
