package dev.cria.cli;

import dev.cria.Redaction;
import dev.cria.RequestException;
import dev.cria.generate.GenerateOptions;
import dev.cria.tune.Conversation;
import dev.cria.tune.Conversation.Answer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReader.Option;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/**
 * A conversation on a terminal: lines with editing and history, answers that appear as they come, commands that begin
 * with a slash. Ctrl-C stops an answer, or drops the line that is being written.
 */
final class ChatScreen {
    private static final String COMMANDS = "/reset  /system TEXT  /save FILE  /exit    Ctrl-C stops an answer";

    private final Terminal terminal;
    private final Conversation conversation;
    private final GenerateOptions options;
    private final AtomicBoolean interrupted = new AtomicBoolean();

    ChatScreen(Terminal terminal, Conversation conversation, GenerateOptions options) {
        this.terminal = terminal;
        this.conversation = conversation;
        this.options = options;
    }

    /** Talks until the user leaves. */
    void converse(String title) {
        say(title);
        say(COMMANDS);
        LineReader reader = LineReaderBuilder.builder()
                .terminal(terminal)
                // A shell's reading of ! and \\ would change what is asked.
                .option(Option.DISABLE_EVENT_EXPANSION, true)
                .build();
        while (true) {
            try {
                String line = reader.readLine("\nyou>   ").strip();
                if (line.equals("/exit")) {
                    return;
                }
                if (line.startsWith("/")) {
                    say(obey(line));
                } else if (!line.isEmpty()) {
                    answer(line);
                }
            } catch (RequestException e) {
                say("error: " + Redaction.line(e.error()) + "\nhint: " + Redaction.line(e.hint()));
            } catch (UserInterruptException _) {
                // Ctrl-C on a line that is being written drops the line.
            } catch (EndOfFileException _) {
                return;
            }
        }
    }

    private String obey(String line) {
        String[] words = line.split("\\s+", 2);
        String rest = words.length > 1 ? words[1].strip() : "";
        return switch (words[0]) {
            case "/reset" -> {
                conversation.reset();
                yield "the conversation starts over";
            }
            case "/system" -> {
                requireArgument(rest, "/system", "a system prompt", "/system Answer in one sentence.");
                conversation.system(rest);
                yield "the conversation starts over with this system prompt";
            }
            case "/save" -> {
                requireArgument(rest, "/save", "a file name", "/save talk.json");
                conversation.save(Path.of(rest));
                yield "written to " + rest;
            }
            default ->
                throw new RequestException("unknown command " + words[0], "/reset, /system TEXT, /save FILE or /exit");
        };
    }

    private static void requireArgument(String given, String command, String what, String example) {
        if (given.isEmpty()) {
            throw new RequestException(command + " needs " + what, example);
        }
    }

    private void answer(String question) {
        interrupted.set(false);
        var before = terminal.handle(Terminal.Signal.INT, _ -> interrupted.set(true));
        try {
            long start = System.nanoTime();
            Answer answer = conversation.ask(question, options, new FromFirstWord(), interrupted::get);
            terminal.writer().println();
            say(note(answer, (System.nanoTime() - start) / 1e9));
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
        }
    }

    /** Prints pieces from the first that is no white space, with which answers begin. */
    private final class FromFirstWord implements Consumer<String> {
        private boolean begun;

        @Override
        public void accept(String piece) {
            String shown = begun ? piece : piece.stripLeading();
            if (!begun && !shown.isEmpty()) {
                terminal.writer().print("model> ");
                begun = true;
            }
            terminal.writer().print(shown);
            terminal.flush();
        }
    }

    private static String note(Answer answer, double seconds) {
        String ending =
                switch (answer.stop()) {
                    case END_TOKEN -> "";
                    case LENGTH -> ", stopped at --max-new-tokens";
                    case CANCELLED -> ", stopped";
                };
        String forgotten = answer.forgotten() == 0
                ? ""
                : "; the oldest %d turns no longer fit and were dropped".formatted(answer.forgotten());
        return "(%d tokens, %.0f a second%s%s)"
                .formatted(answer.tokens(), answer.tokens() / seconds, ending, forgotten);
    }

    /** A line that is not the model's, dim. */
    private void say(String line) {
        terminal.writer().println(new AttributedString(line, AttributedStyle.DEFAULT.faint()).toAnsi(terminal));
        terminal.flush();
    }
}
