package dev.cria.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Writes what a shell and man(1) read of Cria into a directory: the release archive holds it. */
public final class ShellFiles {
    private ShellFiles() {}

    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]));
    }

    static void write(Path directory) throws IOException {
        CommandLine all = Main.commandLine();
        Path completion = Files.createDirectories(directory.resolve("completion"));
        for (CompletionCommand.Shell shell : CompletionCommand.Shell.values()) {
            Files.writeString(completion.resolve(shell.fileName()), shell.script(all));
        }
        writePages(all.getCommandSpec(), Files.createDirectories(directory.resolve("man/man1")));
    }

    private static void writePages(CommandSpec command, Path directory) throws IOException {
        ManPage page = new ManPage(command);
        Files.writeString(directory.resolve(page.name() + ".1"), page.roff());
        for (CommandSpec sub : Completable.subcommands(command)) {
            writePages(sub, directory);
        }
    }
}
