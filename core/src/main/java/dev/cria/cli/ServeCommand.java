package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.serve.BoardRoom;
import dev.cria.serve.Catalogue;
import dev.cria.serve.Catalogue.Served;
import dev.cria.serve.ModelRoom;
import dev.cria.serve.Opened;
import dev.cria.serve.Server;
import dev.cria.train.MachineMemory;
import dev.cria.tune.OpenModel;
import dev.cria.tune.PeftFiles;
import dev.cria.tune.Template;
import dev.cria.weights.NamedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
    @Parameters(
            arity = "1..*",
            paramLabel = "MODEL",
            description = "hf://OWNER/MODEL[@REVISION,…], NAME.gguf, model directories, runs, or tuning runs.")
    private List<String> models = List.of();

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

    @Mixin
    private ListenOptions listening = new ListenOptions();

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
        var options = listening.options();
        List<Served> served = NamedModel.ofEach(models, said).stream()
                .map(model -> new Served(model.shortName(), model.path()))
                .toList();
        var room = new ModelRoom(Catalogue.of(served, brought(said)), this::open, maxRows, MachineMemory.total());
        room.warm();
        List<Path> runs = served.stream()
                .map(Served::place)
                .filter(place -> Files.isRegularFile(place.resolve("metrics.jsonl")))
                .toList();
        ListenOptions.listen(Server.of(options, Optional.of(room), Optional.of(BoardRoom.of(runs)), said));
        return 0;
    }

    private Map<String, Path> brought(Progress said) {
        Map<String, Path> brought = new LinkedHashMap<>();
        adapters.forEach(
                (name, place) -> brought.put(name, NamedModel.of(place, said).path()));
        return brought;
    }

    private Opened open(Path directory, Optional<Path> adapter) {
        Optional<Path> tuned = adapter.or(() -> PeftFiles.find(directory));
        OpenModel open = compute.open(directory, adapter);
        open.generation().requirePlain();
        String template = open.tokenizer().map(t -> Template.nameFor(tuned, t)).orElse("vicuna_v1.1");
        return new Opened(open.model(), open.kernels(), open.tokenizer(), open.endTokens(), template);
    }
}
