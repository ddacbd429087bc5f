package dev.cria.tune;

import dev.cria.Progress;
import dev.cria.parallel.ParallelSection;
import dev.cria.parallel.Ranks;
import dev.cria.train.Interruption;
import dev.cria.train.Origin;
import dev.cria.train.RunContext;
import dev.cria.train.Runs;
import dev.cria.train.TrainingKind;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Instruction tuning: adapters around a frozen model, on rows of instructions. */
public final class Tuning implements TrainingKind<TuningRecipe> {
    private static final String ADAPTER = "adapter";

    /** Begins, resumes and forks tunings. The last adapter of a finished run is in {@code RUN/adapter}. */
    public static Runs<TuningRecipe> runs(Progress progress, Ranks ranks, Interruption interruption) {
        return new Runs<>(new Tuning(), new RunContext(progress, ranks, interruption));
    }

    @Override
    public String command() {
        return "tune";
    }

    @Override
    public TuningRecipe defaults() {
        return TuningRecipe.defaults();
    }

    @Override
    public Path out(TuningRecipe recipe) {
        return Path.of(recipe.out());
    }

    @Override
    public long steps(TuningRecipe recipe) {
        return recipe.schedule().steps();
    }

    @Override
    public Map<String, String> paths(TuningRecipe recipe) {
        Map<String, String> paths = new LinkedHashMap<>();
        paths.put("model", recipe.model());
        for (int i = 0; i < recipe.data().files().size(); i++) {
            paths.put("data.files[" + i + "]", recipe.data().files().get(i));
        }
        if (!recipe.tokenizer().equals("auto") && !recipe.tokenizer().equals("gpt2")) {
            paths.put("tokenizer", recipe.tokenizer());
        }
        return paths;
    }

    @Override
    public Optional<Fixed> fixed(String key) {
        return key.startsWith("lora.")
                ? Optional.of(new Fixed(
                        "a run keeps the shape of its adapters", "start a new run; --init-adapter takes adapters over"))
                : Optional.empty();
    }

    @Override
    public Optional<String> consequence(Change change, TuningRecipe recipe, long step) {
        return switch (change.key()) {
            case "batch.micro_batch", "batch.accumulation" ->
                Optional.of("step %d begins at row %d of the order"
                        .formatted(step, step * recipe.batch().rows()));
            case "seed", "data.shuffle", "data.weights" ->
                Optional.of("rows come in another order: some again in this round, others not at all");
            case "parallel.reproducible" -> Optional.of(ParallelSection.OTHER_ORDER);
            case String key
            when key.startsWith("schedule.") -> Optional.of("the learning rate follows a different curve from here");
            default -> Optional.empty();
        };
    }

    @Override
    public Ready check(TuningRecipe recipe, Origin origin, RunContext context, Fit fit) {
        return PreparedTuning.of(recipe, origin, context, fit);
    }

    @Override
    public Optional<String> finish(Path run, Path checkpoint) {
        PeftFiles.copy(checkpoint, run.resolve(ADAPTER));
        return Optional.of("adapter    " + run.resolve(ADAPTER));
    }
}
