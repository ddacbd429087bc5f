package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.format.hub.HubAddress;
import dev.cria.tune.Preview;
import dev.cria.tune.Preview.Loss;
import dev.cria.tune.Tuning;
import dev.cria.tune.TuningRecipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria tune}: LoRA instruction tuning, a new run or one that continues. */
@Command(
        name = "tune",
        description = "Tunes a LLaMA on instructions with low-rank adapters (LoRA), or resumes such a run.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria tune --model runs/a --data alpaca.json --out runs/a-tuned --config examples/alpaca-lora.yaml",
            "  ./cria tune --model runs/a --data alpaca.json --preview 3",
            "  ./cria tune --resume runs/a-tuned"
        })
final class TuneCommand implements Callable<Integer>, LaunchedTraining.Asking {
    @Mixin
    private TrainingOptions options = new TrainingOptions();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "hf://OWNER/MODEL[@REVISION], or the model directory or run to tune.")
    private @Nullable String model;

    @Option(
            names = "--data",
            arity = "1..*",
            paramLabel = "FILE",
            description = "JSON or JSON Lines with instruction, input, output; or messages; or input_ids, labels.")
    private List<Path> data = new ArrayList<>();

    @Option(names = "--init-adapter", paramLabel = "DIR", description = "Adapter to start from.")
    private @Nullable String initAdapter;

    @Option(
            names = "--preview",
            paramLabel = "N",
            description = "Print the first N rows of each file as the model will see them, and train nothing.")
    private int preview;

    @Mixin
    private UnknownKeyOption unknownKeys = new UnknownKeyOption();

    @Override
    public Integer call() {
        var own = own(Optional.ofNullable(initAdapter).map(options::model), this::recipe);
        if (preview > 0) {
            print(Preview.of(recipe(options.overrides(own)), preview));
            return 0;
        }
        return options.train(new Tuning(), own);
    }

    private TrainingOptions.Own<TuningRecipe> own(
            Optional<Path> adapter, Function<List<String>, TuningRecipe> configuration) {
        return new TrainingOptions.Own<>(overrides(), adapter, newRunsOnly(), configuration);
    }

    @Override
    public LaunchedTraining.Asked asked() {
        var asked = options.asked(new Tuning(), own(Optional.empty(), this::read));
        TuningRecipe recipe = asked.recipe();
        return new LaunchedTraining.Asked(asked.run(), recipe.parallel().reproducible(), ranks -> recipe.parallel()
                .allows(recipe.batch().accumulation(), ranks));
    }

    private TuningRecipe recipe(List<String> overrides) {
        TuningRecipe recipe = read(overrides);
        boolean placed = options.out().isPresent() || preview > 0;
        if (recipe.model().isEmpty() || recipe.data().files().isEmpty() || !placed) {
            throw new RequestException(
                    "tune needs --model DIR, --data FILE and --out RUN, or --resume RUN", "./cria tune --help");
        }
        return HubAddress.isOne(recipe.model()) ? read(fetched(recipe.model(), overrides)) : recipe;
    }

    private TuningRecipe read(List<String> overrides) {
        TuningRecipe defaults = TuningRecipe.defaults();
        return options.config()
                .map(file -> ConfigFile.read(file, defaults, overrides))
                .orElseGet(() -> ConfigFile.defaults(defaults, overrides));
    }

    /** A run remembers the folder of the commit that it began with, so that it resumes from the same weights. */
    private List<String> fetched(String address, List<String> overrides) {
        if (HubAddress.ofModel(address).isFile()) {
            throw new RequestException(
                    address + " is a GGUF file, and a directory is needed that stays",
                    "./cria import " + address + " --out DIR, and name DIR");
        }
        List<String> fetched = new ArrayList<>(overrides);
        fetched.add(ConfigFile.setting("model", options.model(address).toString()));
        return fetched;
    }

    private List<String> newRunsOnly() {
        List<String> given = new ArrayList<>();
        Optional.ofNullable(model).ifPresent(_ -> given.add("--model"));
        Optional.ofNullable(initAdapter).ifPresent(_ -> given.add("--init-adapter"));
        if (!data.isEmpty()) {
            given.add("--data");
        }
        return given;
    }

    private List<String> overrides() {
        List<String> overrides = new ArrayList<>();
        Optional.ofNullable(model).ifPresent(name -> overrides.add(ConfigFile.setting("model", name)));
        if (!data.isEmpty()) {
            overrides.add(ConfigFile.setting(
                    "data.files", data.stream().map(Path::toString).toList()));
        }
        return overrides;
    }

    private static void print(Preview.Previews previews) {
        previews.rows().forEach(TuneCommand::print);
        previews.mix().forEach(System.out::println);
        System.err.println(previews.data());
    }

    private static void print(Preview row) {
        System.out.printf(
                "row %d (%s): %d tokens, %d with a loss%n", row.row(), row.format(), row.tokens(), row.targets());
        for (Preview.Piece piece : row.pieces()) {
            boolean masked = piece.loss() == Loss.MASKED;
            // Colour is not the only carrier: what is learned also stands in brackets.
            var style = masked ? Ansi.Style.faint : Ansi.Style.bold;
            String text = masked ? piece.text() : "⟦" + piece.text() + "⟧";
            boolean styled = Ansi.AUTO.enabled();
            System.out.print(styled ? style.on() + text + style.off() : text);
        }
        System.out.printf("%n%n");
    }
}
