package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.train.Pretraining;
import dev.cria.train.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Pretraining: a new run, or one that continues. */
@Command(
        name = "pretrain",
        description = "Trains a model from a configuration, or resumes a run exactly where a checkpoint left it.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria pretrain --config examples/llama-124m.yaml --data data/fineweb-edu --out runs/a",
            "  ./cria pretrain --resume runs/a",
            "  ./cria pretrain --resume runs/a --at 2000 --without-optimizer-state --out runs/b"
        })
final class PretrainCommand implements Callable<Integer>, LaunchedTraining.Asking {
    @Mixin
    private TrainingOptions options = new TrainingOptions();

    @Option(
            names = "--init",
            paramLabel = "DIR",
            description = "hf://OWNER/MODEL[@REVISION] or the model directory to start from.")
    private @Nullable String init;

    @Option(names = "--data", paramLabel = "DIR", description = "Directory of token shards; overrides data.path.")
    private @Nullable Path data;

    @Mixin
    private UnknownKeyOption unknownKeys = new UnknownKeyOption();

    @Override
    public Integer call() {
        return options.train(new Pretraining(), own(Optional.ofNullable(init).map(options::model)));
    }

    private TrainingOptions.Own<Recipe> own(Optional<Path> weights) {
        return new TrainingOptions.Own<>(
                data == null ? List.of() : List.of(ConfigFile.setting("data.path", data.toString())),
                weights,
                init == null ? List.of() : List.of("--init"),
                this::recipe);
    }

    @Override
    public LaunchedTraining.Asked asked() {
        var asked = options.asked(new Pretraining(), own(Optional.empty()));
        Recipe recipe = asked.recipe();
        return new LaunchedTraining.Asked(asked.run(), recipe.parallel().reproducible(), ranks -> recipe.parallel()
                .allows(recipe.batch().microBatches(), ranks));
    }

    private Recipe recipe(List<String> overrides) {
        Path file = options.config()
                .orElseThrow(() ->
                        new RequestException("pretrain needs --config FILE or --resume RUN", "./cria pretrain --help"));
        return ConfigFile.read(file, Recipe.defaults(), overrides);
    }
}
