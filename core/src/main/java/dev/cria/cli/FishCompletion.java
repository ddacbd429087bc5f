package dev.cria.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * fish's completion: a line for each command and each option, with the condition under which it is offered.
 *
 * @see "https://fishshell.com/docs/current/cmds/complete.html"
 */
final class FishCompletion {
    private final CommandSpec root;
    private final StringBuilder script =
            new StringBuilder("# Completion of cria for fish; cria completion fish wrote it.\n");

    FishCompletion(CommandSpec root) {
        this.root = root;
    }

    String script() {
        line("-c cria -f");
        for (CommandSpec command : Completable.subcommands(root)) {
            offer("__fish_use_subcommand", command);
            String within = "__fish_seen_subcommand_from " + command.name();
            if (Completable.subcommands(command).isEmpty()) {
                addArguments(within, command);
            }
            for (CommandSpec sub : Completable.subcommands(command)) {
                String names = Completable.subcommands(command).stream()
                        .map(CommandSpec::name)
                        .collect(Collectors.joining(" "));
                offer(within + "; and not __fish_seen_subcommand_from " + names, sub);
                addArguments(within + "; and __fish_seen_subcommand_from " + sub.name(), sub);
            }
        }
        return script.toString();
    }

    private void offer(String when, CommandSpec command) {
        line("-c cria -n %s -a %s -d %s".formatted(quoted(when), command.name(), quoted(Completable.summary(command))));
    }

    private void addArguments(String when, CommandSpec command) {
        for (var parameter : command.positionalParameters()) {
            List<String> values = Completable.values(parameter);
            if (!values.isEmpty()) {
                line("-c cria -n %s -a %s".formatted(quoted(when), quoted(String.join(" ", values))));
            } else if (Completable.isPlace(parameter)) {
                line("-c cria -n %s -F".formatted(quoted(when)));
            }
        }
        for (OptionSpec option : Completable.options(command)) {
            addOption(when, option);
        }
    }

    private void addOption(String when, OptionSpec option) {
        StringBuilder words = new StringBuilder("-c cria -n " + quoted(when));
        for (String name : option.names()) {
            words.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        if (Completable.takesValue(option)) {
            List<String> values = Completable.values(option);
            boolean files = values.isEmpty() && Completable.isPlace(option);
            words.append(files ? " -r -F" : " -x");
            if (!values.isEmpty()) {
                words.append(" -a ").append(quoted(String.join(" ", values)));
            }
        }
        line(words + " -d " + quoted(Completable.description(option)));
    }

    private void line(String words) {
        script.append("complete ").append(words).append('\n');
    }

    /** Within single quotes fish reads a backslash before a quote or a backslash. */
    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
