package dev.cria.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cria completion}: what a shell needs to complete commands, options and their values. */
@Command(
        name = "completion",
        description = "Prints a script that lets a shell complete commands, options and values.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria completion bash > ~/.local/share/bash-completion/completions/cria",
            "  ./cria completion zsh > ~/.zfunc/_cria",
            "  ./cria completion fish > ~/.config/fish/completions/cria.fish"
        })
final class CompletionCommand implements Callable<Integer> {
    @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
    private Shell shell = Shell.BASH;

    /** picocli's values of an option as Java writes constants; as they are typed, they are in small letters. */
    private static final Pattern ENUM_VALUES = Pattern.compile("(?<=_args=\\()(\"[A-Z0-9_]+\" ?)+(?=\\))");

    /** The shells whose language is known here. */
    enum Shell {
        BASH {
            @Override
            String script(CommandLine all) {
                return ENUM_VALUES.matcher(AutoComplete.bash("cria", all)).replaceAll(values -> values.group()
                        .toLowerCase(Locale.ROOT));
            }
        },
        ZSH {
            @Override
            String script(CommandLine all) {
                return new ZshCompletion(all.getCommandSpec()).script();
            }
        },
        FISH {
            @Override
            String script(CommandLine all) {
                return new FishCompletion(all.getCommandSpec()).script();
            }
        };

        abstract String script(CommandLine all);

        /** Under which the shell looks for it. */
        String fileName() {
            return switch (this) {
                case BASH -> "cria.bash";
                case ZSH -> "_cria";
                case FISH -> "cria.fish";
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() {
        System.out.print(shell.script(Main.commandLine()));
        return 0;
    }
}
