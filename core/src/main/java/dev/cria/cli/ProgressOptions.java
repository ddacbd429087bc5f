package dev.cria.cli;

import dev.cria.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** The option that every command with long work shares; use it as a picocli mixin. */
final class ProgressOptions {
    @Option(
            names = "--quiet",
            description = "Hide the progress display; automatic if standard error is not a terminal.")
    private boolean quiet;

    /** Arguments of a command that this one starts, which is as quiet. */
    List<String> passedOn(List<String> arguments) {
        List<String> passed = new ArrayList<>(arguments);
        if (quiet) {
            passed.add("--quiet");
        }
        return passed;
    }

    /** Bars on a terminal, plain lines elsewhere, nothing with {@code --quiet}. */
    Progress progress() {
        if (quiet) {
            return Progress.silent();
        }
        OptionalInt width = TerminalWidth.ofErrors();
        return width.isPresent() ? new TerminalProgress(System.err, width.getAsInt()) : new PlainProgress(System.err);
    }
}
