package dev.cria.cli;

import dev.cria.RequestException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cria help}: what {@code --help} prints. */
@Command(
        name = "help",
        description = "Prints the help of a command, as COMMAND --help does.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  ./cria help pretrain", "  ./cria help tokenizer train"})
final class HelpCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "Command, and a subcommand of it.")
    private List<String> path = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        CommandLine command = spec.parent().commandLine();
        for (String name : path) {
            CommandLine next = command.getSubcommands().get(name);
            if (next == null) {
                throw new RequestException(
                        name + " is not a command of "
                                + command.getCommandSpec().qualifiedName(),
                        "./" + command.getCommandSpec().qualifiedName() + " --help");
            }
            command = next;
        }
        command.usage(System.out);
        return 0;
    }
}
