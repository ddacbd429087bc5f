package dev.cria.cli;

import dev.cria.serve.BoardRoom;
import dev.cria.serve.ServeOptions;
import dev.cria.serve.Server;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description =
                    "Address to listen on; other than loopback it needs --api-key-file (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port to listen on; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--api-key-file",
            paramLabel = "FILE",
            description = "File with the key that every request must carry.")
    private Optional<Path> apiKeyFile = Optional.empty();

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() throws InterruptedException {
        var options = new ServeOptions(host, port, apiKeyFile.map(ServeCommand::key));
        ServeCommand.listen(
                Server.of(options, Optional.empty(), Optional.of(BoardRoom.of(directories)), progress.progress()));
        return 0;
    }
}
