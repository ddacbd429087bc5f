package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.serve.ServeOptions;
import dev.cria.serve.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Option;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Where a server listens, and until when; use it as a picocli mixin. */
final class ListenOptions {
    private static final int INTERRUPTED = 130;

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

    ServeOptions options() {
        return new ServeOptions(host, port, apiKeyFile.map(ListenOptions::key));
    }

    /** Says where, and answers until the process is told to end; then what runs is finished. Told twice it ends at once. */
    static void listen(Server server) throws InterruptedException {
        var end = new CountDownLatch(1);
        SignalHandler ask = _ -> {
            if (end.getCount() == 0) {
                Runtime.getRuntime().halt(INTERRUPTED);
            }
            end.countDown();
        };
        Signal.handle(new Signal("TERM"), ask);
        Signal.handle(new Signal("INT"), ask);
        System.err.println("listening on " + server.address());
        end.await();
        server.close();
    }

    private static String key(Path file) {
        try {
            String key = Files.readString(file).strip();
            if (key.length() < 16 || key.lines().count() != 1 || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw new RequestException(
                        file + " is not one line of 16 letters or more without spaces",
                        "head -c 24 /dev/urandom | base64 > " + file);
            }
            return key;
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }
}
