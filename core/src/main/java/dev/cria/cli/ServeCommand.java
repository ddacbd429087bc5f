package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.serve.BoardRoom;
import dev.cria.serve.Catalogue;
import dev.cria.serve.Catalogue.Served;
import dev.cria.serve.ModelRoom;
import dev.cria.serve.Opened;
import dev.cria.serve.ServeOptions;
import dev.cria.serve.Server;
import dev.cria.train.MachineMemory;
import dev.cria.tune.OpenModel;
import dev.cria.tune.PeftFiles;
import dev.cria.tune.Template;
import dev.cria.weights.NamedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** {@code cria serve}: OpenAI's interface and the page to talk to models. */
@Command(
        name = "serve",
        description = "Serves models and all checkpoints of runs: a page to talk to them, and OpenAI's HTTP interface.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A run is asked for as run, its newest checkpoint, or as run@step; an adapter as its NAME or model+NAME.",
            "",
            "Examples:",
            "  ./cria serve runs/nano",
            "  ./cria serve runs/nano --adapter tuned=runs/nano-tuned --precision int8 --port 0"
        })
final class ServeCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;

    @Parameters(
            arity = "1..*",
            paramLabel = "MODEL",
            description = "hf://OWNER/MODEL[@REVISION,…], NAME.gguf, model directories, runs, or tuning runs.")
    private List<String> models = List.of();

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
            names = "--adapter",
            paramLabel = "NAME=DIR",
            description = "Adapter to serve under a name of its own, on the first MODEL; may be given again.")
    private Map<String, String> adapters = new LinkedHashMap<>();

    @Option(
            names = "--max-rows",
            paramLabel = "N",
            defaultValue = "16",
            description = "Completions of a model that are written side by side (default: ${DEFAULT-VALUE}).")
    private int maxRows;

    @Option(
            names = "--api-key-file",
            paramLabel = "FILE",
            description = "File with the key that every request must carry.")
    private Optional<Path> apiKeyFile = Optional.empty();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() throws InterruptedException {
        if (maxRows < 1 || maxRows > 1024) {
            throw new RequestException("--max-rows is " + maxRows + ", not from 1 to 1024", "--max-rows 16");
        }
        Progress said = progress.progress();
        var options = new ServeOptions(host, port, apiKeyFile.map(ServeCommand::key));
        List<Served> served = NamedModel.ofEach(models, said).stream()
                .map(model -> new Served(model.shortName(), model.path()))
                .toList();
        var room = new ModelRoom(Catalogue.of(served, brought(said)), this::open, maxRows, MachineMemory.total());
        room.warm();
        List<Path> runs = served.stream()
                .map(Served::place)
                .filter(place -> Files.isRegularFile(place.resolve("metrics.jsonl")))
                .toList();
        listen(Server.of(options, Optional.of(room), Optional.of(BoardRoom.of(runs)), said));
        return 0;
    }

    private Map<String, Path> brought(Progress said) {
        Map<String, Path> brought = new LinkedHashMap<>();
        adapters.forEach(
                (name, place) -> brought.put(name, NamedModel.of(place, said).path()));
        return brought;
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

    private Opened open(Path directory, Optional<Path> adapter) {
        Optional<Path> tuned = adapter.or(() -> PeftFiles.find(directory));
        OpenModel open = compute.open(directory, adapter);
        open.generation().requirePlain();
        String template = open.tokenizer().map(t -> Template.nameFor(tuned, t)).orElse("vicuna_v1.1");
        return new Opened(open.model(), open.kernels(), open.tokenizer(), open.endTokens(), template);
    }

    static String key(Path file) {
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
