package dev.cria.cli;

import dev.cria.UnknownKeys;
import picocli.CommandLine.Option;

/** The option of every command that reads models of other programs; use it as a picocli mixin. */
final class UnknownKeyOption {
    @Option(
            names = "--allow-unknown-keys",
            description = "Ignore keys of a model's JSON files that Cria doesn't know, with a warning for each.")
    private void allow(boolean given) {
        if (given) {
            UnknownKeys.allow(System.err::println);
        }
    }
}
