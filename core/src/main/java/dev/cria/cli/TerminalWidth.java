package dev.cria.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;

/** How wide the terminal is that a standard stream is connected to, if it is one. */
final class TerminalWidth {
    private static final int NARROWEST = 20;
    private static final int USUAL = 80;

    private TerminalWidth() {}

    /** The terminal's width in characters, empty where standard error is a file, a pipe or a dumb terminal. */
    static OptionalInt ofErrors() {
        return width(SystemStream.Error);
    }

    /** As {@link #ofErrors}, of standard output. */
    static OptionalInt ofOutput() {
        return width(SystemStream.Output);
    }

    private static OptionalInt width(SystemStream stream) {
        if ("dumb".equals(System.getenv("TERM")) || isSurelyNoTerminal(stream)) {
            return OptionalInt.empty();
        }
        try {
            TerminalProvider provider = TerminalProvider.load("ffm");
            if (!provider.isSystemStream(stream)) {
                return OptionalInt.empty();
            }
            int width = provider.systemStreamWidth(stream);
            return OptionalInt.of(width >= NARROWEST ? width : USUAL);
        } catch (IOException | LinkageError e) {
            // A platform on which terminals cannot be asked gets plain lines.
            return OptionalInt.empty();
        }
    }

    /** Linux tells without the tenth of a second that loading native functions takes. */
    private static boolean isSurelyNoTerminal(SystemStream stream) {
        try {
            Path link = Path.of("/proc/self/fd", stream == SystemStream.Error ? "2" : "1");
            return !Files.readSymbolicLink(link).startsWith("/dev");
        } catch (IOException e) {
            return false;
        }
    }
}
