package dev.cria.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The command line's model in the terms of what shells complete and manuals tell. */
final class Completable {
    /** Parameters that name something on the disk, though some of them may also be an address. */
    private static final Pattern PLACE = Pattern.compile(
            "(.*[|=])?(([A-Z_]*DIR)|FILE|RUN|MODEL(_[AB])?|CHECKPOINT|SHARDS|INPUT|SHEET|LABELLED|PATH)([|].*)?");

    private Completable() {}

    /** The commands below one, by name; each once, whatever its aliases. */
    static List<CommandSpec> subcommands(CommandSpec command) {
        return new TreeMap<>(command.subcommands())
                .values().stream().map(sub -> sub.getCommandSpec()).distinct().toList();
    }

    static List<OptionSpec> options(CommandSpec command) {
        return command.options().stream().filter(option -> !option.hidden()).toList();
    }

    static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    /** The values that an argument can have, where that is a list. */
    static List<String> values(ArgSpec argument) {
        Class<?> type =
                argument.typeInfo().isMultiValue() || argument.typeInfo().isOptional()
                        ? argument.auxiliaryTypes()[0]
                        : argument.type();
        return type.isEnum()
                ? Stream.of(type.getEnumConstants())
                        .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                        .toList()
                : List.of();
    }

    /** Whether names of files and directories are what an argument takes. */
    static boolean isPlace(ArgSpec argument) {
        boolean path = argument.type() == Path.class
                || List.of(argument.auxiliaryTypes()).contains(Path.class);
        return path || PLACE.matcher(argument.paramLabel()).matches();
    }

    /** The first sentence of what a command does. */
    static String summary(CommandSpec command) {
        return plain(command.usageMessage().description()[0]);
    }

    /** What an option does, on one line. */
    static String description(ArgSpec argument) {
        return plain(String.join(" ", argument.renderedDescription()));
    }

    private static String plain(String markup) {
        return Ansi.OFF.string(markup.formatted()).replaceAll("\\s+", " ").strip();
    }
}
