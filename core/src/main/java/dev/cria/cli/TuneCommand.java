package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.parallel.Launched;
import dev.cria.parallel.Ranks;
import dev.cria.train.Interruption;
import dev.cria.train.RunDirectory;
import dev.cria.train.Trainer.Outcome;
import dev.cria.tune.Preview;
import dev.cria.tune.Preview.Loss;
import dev.cria.tune.Tuning;
import dev.cria.tune.TuningRecipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria tune}: LoRA instruction tuning, a new run or one that goes on. */
@Command(
        name = "tune",
        description = "Tunes a LLaMA on instructions with low-rank adapters, the base frozen.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria tune --model runs/a --data alpaca.json --out runs/a-tuned --config examples/alpaca-lora.yaml",
            "  ./cria tune --model runs/a --data alpaca.json --preview 3",
            "  ./cria tune --resume runs/a-tuned"
        })
final class TuneCommand implements Callable<Integer> {
    @Option(names = "--model", paramLabel = "DIR", description = "The model to tune: a directory, or a run.")
    private @Nullable Path model;

    @Option(
            names = "--data",
            arity = "1..*",
            paramLabel = "FILE",
            description = "JSON or JSON lines: instruction, input, output; or messages; or input_ids, labels.")
    private List<Path> data = new ArrayList<>();

    @Option(names = "--out", paramLabel = "RUN", description = "The run's directory; the adapter will be RUN/adapter.")
    private @Nullable Path out;

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration (YAML); else the paper's.")
    private @Nullable Path config;

    @Option(names = "--init-adapter", paramLabel = "DIR", description = "An adapter to begin from.")
    private @Nullable Path initAdapter;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key, such as lora.rank=16.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--resume", paramLabel = "RUN", description = "The run to continue.")
    private @Nullable Path resume;

    @Option(
            names = "--preview",
            paramLabel = "N",
            description = "Prints the first N rows as the model will see them, and trains nothing.")
    private int preview;

    @Option(names = "--device", paramLabel = "auto|cpu|cuda|cuda:N", description = "Overrides device.")
    private @Nullable String device;

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        if (preview > 0) {
            Preview.of(recipe(), preview).forEach(TuneCommand::print);
            return 0;
        }
        Launched launched = Launched.from(System.getenv());
        try (Ranks ranks = Ranks.fromEnvironment(System.getenv(), Main::endAtOnce)) {
            Progress progress = ranks.isFirst() ? display.progress() : Progress.silent();
            var tuning = new Tuning(progress, ranks, Interruption.bySignals(progress, launched.parent()));
            Outcome outcome = ranks.together(() -> {
                if (resume != null) {
                    return tuning.resume(resume, resumed());
                }
                TuningRecipe recipe = recipe();
                Path run = Path.of(recipe.out());
                boolean goesOn = launched.restarts() > 0 && RunDirectory.isLeftBehind(run, ranks, progress);
                return goesOn
                        ? tuning.resume(run, overrides())
                        : tuning.start(recipe, Optional.ofNullable(initAdapter));
            });
            return outcome == Outcome.INTERRUPTED ? PretrainCommand.INTERRUPTED : 0;
        }
    }

    private TuningRecipe recipe() {
        List<String> overrides = overrides();
        TuningRecipe defaults = TuningRecipe.defaults();
        TuningRecipe recipe = config == null
                ? ConfigFile.defaults(defaults, overrides)
                : ConfigFile.read(config, defaults, overrides);
        if (recipe.model().isEmpty() || recipe.data().files().isEmpty() || (out == null && preview == 0)) {
            throw new RequestException(
                    "tune needs --model DIR, --data FILE and --out RUN, or --resume RUN", "./cria tune --help");
        }
        return recipe;
    }

    private List<String> resumed() {
        if (config != null || model != null || out != null || initAdapter != null || !data.isEmpty()) {
            throw new RequestException(
                    "--resume takes model, rows and configuration of the run itself",
                    "leave the other options away; --set KEY=VALUE changes single keys");
        }
        return overrides();
    }

    private List<String> overrides() {
        List<String> overrides = new ArrayList<>(settings);
        Optional.ofNullable(model).ifPresent(path -> overrides.add("model=" + quoted(path)));
        Optional.ofNullable(out).ifPresent(path -> overrides.add("out=" + quoted(path)));
        Optional.ofNullable(device).ifPresent(name -> overrides.add("device=" + name));
        if (!data.isEmpty()) {
            overrides.add("data.files=["
                    + String.join(", ", data.stream().map(TuneCommand::quoted).toList()) + "]");
        }
        return overrides;
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace('\\', '/') + '"';
    }

    private static void print(Preview row) {
        System.out.printf("row %d: %d tokens, %d with a loss%n", row.row(), row.tokens(), row.targets());
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
