package dev.cria.cli;

import dev.cria.serve.BoardRoom;
import dev.cria.serve.Server;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cria board}: all runs below a directory in a browser, while they grow. */
@Command(
        name = "board",
        description =
                "Shows all runs below a directory in a browser, live: curves, samples, what differs, what is wrong.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  ./cria board runs", "  ./cria board runs sweeps --port 0"})
final class BoardCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "DIR", description = "Directories with runs below them, or runs.")
    private List<Path> directories = List.of();

    @Mixin
    private ListenOptions listening = new ListenOptions();

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() throws InterruptedException {
        var options = listening.options();
        ListenOptions.listen(
                Server.of(options, Optional.empty(), Optional.of(BoardRoom.of(directories)), progress.progress()));
        return 0;
    }
}
