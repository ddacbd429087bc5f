package dev.cria.cli;

import picocli.CommandLine.Option;

/** Where documents have their text. */
final class TextFieldOption {
    @Option(
            names = "--text-field",
            defaultValue = "text",
            paramLabel = "NAME",
            description = "Column or key that holds the text (default: ${DEFAULT-VALUE}).")
    private String name = "text";

    String name() {
        return name;
    }
}
