package dev.cria.cli;

import java.util.List;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * zsh's completion: a function for each command, which {@code _arguments} reads.
 *
 * @see "https://zsh.sourceforge.io/Doc/Release/Completion-System.html"
 */
final class ZshCompletion {
    private final CommandSpec root;
    private final StringBuilder script =
            new StringBuilder("#compdef cria\n# Completion of cria for zsh; cria completion zsh wrote it.\n");

    ZshCompletion(CommandSpec root) {
        this.root = root;
    }

    String script() {
        addFunction("_cria", root);
        // The file is the function's body where zsh loads it by itself, and defines the function where it is sourced.
        script.append("\nif [ \"$funcstack[1]\" = \"_cria\" ]; then\n  _cria \"$@\"\nelse\n  compdef _cria cria\nfi\n");
        return script.toString();
    }

    private void addFunction(String name, CommandSpec command) {
        List<CommandSpec> subcommands = Completable.subcommands(command);
        script.append("\n").append(name).append("() {\n");
        if (subcommands.isEmpty()) {
            script.append("  _arguments");
            addArguments(command);
            script.append("\n}\n");
            return;
        }
        script.append("  local -a line commands\n  local state\n  commands=(\n");
        for (CommandSpec sub : subcommands) {
            script.append("    ")
                    .append(quoted(sub.name() + ":" + Completable.summary(sub)))
                    .append('\n');
        }
        script.append("  )\n  _arguments -C '1: :->command' '*:: :->rest'\n  case $state in\n");
        script.append("    command) _describe command commands ;;\n    rest)\n      case $line[1] in\n");
        for (CommandSpec sub : subcommands) {
            script.append("        %s) %s ;;\n".formatted(sub.name(), name + "_" + sub.name()));
        }
        script.append("      esac ;;\n  esac\n}\n");
        subcommands.forEach(sub -> addFunction(name + "_" + sub.name(), sub));
    }

    private void addArguments(CommandSpec command) {
        for (OptionSpec option : Completable.options(command)) {
            for (String name : option.names()) {
                String repeated = option.isMultiValue() ? "*" : "";
                String described = "[" + escaped(Completable.description(option)) + "]";
                add(repeated + name + described + (Completable.takesValue(option) ? ":" + value(option) : ""));
            }
        }
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            add((parameter.isMultiValue() ? "*:" : ":") + value(parameter));
        }
    }

    private void add(String words) {
        script.append(" \\\n    ").append(quoted(words));
    }

    /** A message and an action, as _arguments has it after a colon. */
    private static String value(ArgSpec argument) {
        List<String> values = Completable.values(argument);
        String action = !values.isEmpty()
                ? "(" + String.join(" ", values) + ")"
                : Completable.isPlace(argument) ? "_files" : "";
        return escaped(argument.paramLabel()) + ":" + action;
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace(":", "\\:")
                .replace("[", "\\[")
                .replace("]", "\\]");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
