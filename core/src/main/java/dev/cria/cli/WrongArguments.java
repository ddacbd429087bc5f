package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.EditDistance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line that cannot be read, and what to type instead. */
final class WrongArguments {
    private static final Pattern QUOTED = Pattern.compile("'([^']+)'");

    private WrongArguments() {}

    static RequestException explain(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String help = "./" + command.getCommandSpec().qualifiedName() + " --help";
        return switch (e) {
            case ParameterException _ when e.getCause() instanceof RequestException refused -> refused;
            case UnmatchedArgumentException unmatched -> unmatched(unmatched, help);
            case MissingParameterException missing
            when mistyped(missing).isPresent() -> unknown(mistyped(missing).get(), command, help);
            case MissingParameterException missing when isModelInPrompts(missing) -> modelInPrompts(missing);
            case MissingParameterException missing -> missing(missing, help);
            default -> wrongValue(e, help);
        };
    }

    private static RequestException unmatched(UnmatchedArgumentException e, String help) {
        // A mistyped option behind one that wants a value is told in the message alone.
        Matcher quoted = QUOTED.matcher(String.valueOf(e.getMessage()));
        String word = e.getUnmatched().isEmpty() && quoted.find()
                ? quoted.group(1)
                : e.getUnmatched().getFirst();
        return unknown(word, e.getCommandLine(), help);
    }

    private static RequestException unknown(String word, CommandLine command, String help) {
        boolean isCommand = !command.getSubcommands().isEmpty();
        String what =
                word.startsWith("-") ? "unknown option " : isCommand ? "unknown command " : "unexpected argument ";
        String hint = nearest(word, command)
                .map(known -> "did you mean " + known + "?")
                .orElse(help);
        return new RequestException(what + word, hint);
    }

    /** A word that looks like an option and is none: what is said to be missing may be what was mistyped. */
    private static Optional<String> mistyped(MissingParameterException e) {
        Set<String> known = e.getCommandLine().getCommandSpec().optionsMap().keySet();
        return e.getCommandLine().getParseResult().originalArgs().stream()
                .takeWhile(word -> !word.equals("--"))
                .map(word -> word.startsWith("--") ? word.split("=", 2)[0] : word)
                .filter(word -> word.startsWith("--") && !known.contains(word))
                .findFirst();
    }

    private static Optional<String> nearest(String word, CommandLine command) {
        Collection<String> known = word.startsWith("-")
                ? command.getCommandSpec().optionsMap().keySet()
                : command.getSubcommands().keySet();
        return EditDistance.nearest(word, known);
    }

    private static String named(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static RequestException missing(MissingParameterException e, String help) {
        List<String> names = e.getMissing().stream().map(WrongArguments::named).toList();
        if (names.isEmpty()) {
            return new RequestException(firstLine(e), help);
        }
        List<String> words = e.getCommandLine().getParseResult().originalArgs();
        String what = String.join(", ", names);
        return new RequestException(
                words.contains(what)
                        ? what + " needs a value"
                        : what + (names.size() == 1 ? " is missing" : " are missing"),
                help);
    }

    private static RequestException wrongValue(ParameterException e, String help) {
        ArgSpec argument = e.getArgSpec();
        if (argument == null || e.getValue() == null) {
            return new RequestException(firstLine(e), help);
        }
        return expected(argument.typeInfo().getAuxiliaryTypes()[0])
                .map(kind -> new RequestException(named(argument) + " is " + e.getValue() + ", not " + kind, help))
                .orElseGet(() -> new RequestException(firstLine(e), help));
    }

    private static Optional<String> expected(Class<?> type) {
        if (type.isEnum()) {
            return Optional.of("one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(value -> value.toString().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", ")));
        }
        return switch (type.getSimpleName().toLowerCase(Locale.ROOT)) {
            case "int", "integer", "long" -> Optional.of("a whole number");
            case "double" -> Optional.of("a number");
            default -> Optional.empty();
        };
    }

    /** Whether a model is missing and the last of the prompts is the path of one. */
    private static boolean isModelInPrompts(MissingParameterException e) {
        List<String> words = e.getCommandLine().getParseResult().originalArgs();
        return e.getCommandLine().getCommand() instanceof GenerateCommand
                && words.contains("--prompt")
                && Files.exists(Path.of(words.getLast()));
    }

    private static RequestException modelInPrompts(MissingParameterException e) {
        List<String> words = e.getCommandLine().getParseResult().originalArgs();
        return new RequestException(
                "MODEL is missing: --prompt takes all words that follow it, " + words.getLast() + " too",
                "./cria generate " + words.getLast() + " --prompt \"Once upon a time\"");
    }

    private static String firstLine(ParameterException e) {
        String message = String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse("the arguments cannot be read")
                .replaceFirst("^Error: ", "");
        return Character.toLowerCase(message.charAt(0)) + message.substring(1);
    }
}
