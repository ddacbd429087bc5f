package dev.cria.cli;

import dev.cria.Progress;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** The option that every command with long work shares; use it as a picocli mixin. */
final class ProgressOptions {
    @Option(
            names = "--quiet",
            description = "Hide the progress display; automatic if standard error is not a terminal.")
    private boolean quiet;

    /** Bars on a terminal, plain lines elsewhere, nothing with {@code --quiet}. */
    Progress progress() {
        if (quiet) {
            return Progress.silent();
        }
        OptionalInt width = TerminalWidth.ofErrors();
        return width.isPresent() ? new TerminalProgress(System.err, width.getAsInt()) : new PlainProgress(System.err);
    }
}
