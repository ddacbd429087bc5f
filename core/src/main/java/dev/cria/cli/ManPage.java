package dev.cria.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command's page of the manual, in roff with the macros of man(7), from the same model that prints its help.
 *
 * @see "https://man7.org/linux/man-pages/man7/man.7.html"
 */
record ManPage(CommandSpec command) {

    /** The page's name: {@code cria-tokenizer-train}. */
    String name() {
        return command.qualifiedName("-");
    }

    String roff() {
        StringBuilder page = new StringBuilder();
        page.append(".TH \"%s\" 1 \"\" \"cria %s\" \"Cria\"%n"
                .formatted(escaped(name().toUpperCase(Locale.ROOT)), Version.number()));
        section(page, "NAME", escaped(name()) + " \\- " + escaped(withoutStop(Completable.summary(command))));
        section(page, "SYNOPSIS", ".nf\n" + line(synopsis()) + "\n.fi");
        section(page, "DESCRIPTION", line(description()));
        arguments(page);
        subcommands(page);
        List<String> footer = Arrays.asList(command.usageMessage().footer());
        section(
                page,
                "NOTES",
                ".nf\n"
                        + String.join(
                                "\n", footer.stream().skip(1).map(ManPage::line).toList()) + "\n.fi");
        return page.toString();
    }

    private String description() {
        return String.join(" ", command.usageMessage().description()).formatted();
    }

    private String synopsis() {
        Help help = new Help(command, Help.defaultColorScheme(Ansi.OFF));
        return help.synopsis(0).stripTrailing();
    }

    private void arguments(StringBuilder page) {
        StringBuilder all = new StringBuilder();
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            entry(all, parameter.paramLabel(), Completable.description(parameter));
        }
        for (OptionSpec option : Completable.options(command)) {
            String value = Completable.takesValue(option) ? " " + option.paramLabel() : "";
            entry(all, String.join(", ", option.names()) + value, Completable.description(option));
        }
        section(page, "OPTIONS", all.toString().stripTrailing());
    }

    private void subcommands(StringBuilder page) {
        List<CommandSpec> subcommands = Completable.subcommands(command);
        if (!subcommands.isEmpty()) {
            StringBuilder all = new StringBuilder();
            subcommands.forEach(sub -> entry(all, new ManPage(sub).name() + "(1)", Completable.summary(sub)));
            section(page, "COMMANDS", all.toString().stripTrailing());
        }
    }

    private static void section(StringBuilder page, String title, String text) {
        page.append(".SH ").append(title).append('\n').append(text).append('\n');
    }

    private static void entry(StringBuilder text, String term, String description) {
        text.append(".TP\n\\fB")
                .append(escaped(term))
                .append("\\fR\n")
                .append(line(description))
                .append('\n');
    }

    private static String withoutStop(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    /** A line of text: one that begins with a point or an apostrophe would be a request. */
    private static String line(String text) {
        String escaped = escaped(text);
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replace("\n.", "\n\\&.");
    }
}
