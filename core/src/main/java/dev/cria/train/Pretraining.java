package dev.cria.train;

import dev.cria.Progress;
import dev.cria.parallel.ParallelSection;
import dev.cria.parallel.Ranks;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Pretraining: a language model on token shards. */
public final class Pretraining implements TrainingKind<Recipe> {

    /** Begins, resumes and forks pretrainings. */
    public static Runs<Recipe> runs(Progress progress, Ranks ranks, Interruption interruption) {
        return new Runs<>(new Pretraining(), new RunContext(progress, ranks, interruption));
    }

    @Override
    public String command() {
        return "pretrain";
    }

    @Override
    public Recipe defaults() {
        return Recipe.defaults();
    }

    @Override
    public Path out(Recipe recipe) {
        return Path.of(recipe.out());
    }

    @Override
    public long steps(Recipe recipe) {
        return recipe.schedule().steps();
    }

    @Override
    public Map<String, String> paths(Recipe recipe) {
        Map<String, String> paths = new LinkedHashMap<>();
        paths.put("data.path", recipe.data().path());
        if (!recipe.tokenizer().equals("gpt2") && !recipe.tokenizer().equals("none")) {
            paths.put("tokenizer", recipe.tokenizer());
        }
        if (recipe.benchmarks().every() > 0) {
            recipe.benchmarks().path().ifPresent(path -> paths.put("benchmarks.path", path));
        }
        return paths;
    }

    @Override
    public Optional<Fixed> fixed(String key) {
        return key.startsWith("model.")
                ? Optional.of(new Fixed(
                        "a run keeps its model",
                        "start a new run, with --init CHECKPOINT where the sizes are the same"))
                : Optional.empty();
    }

    @Override
    public Optional<String> consequence(Change change, Recipe recipe, long step) {
        return switch (change.key()) {
            case "batch.tokens_per_step" -> Optional.of(moved(Long.parseLong(change.before()), recipe.batch(), step));
            case "batch.sequence_length" ->
                Optional.of("windows are cut anew, from token "
                        + step * recipe.batch().tokensPerStep() + " on");
            case "seed" ->
                Optional.of(
                        recipe.data().order() == Recipe.Order.SHUFFLED
                                ? "windows come in another order: some again in this epoch, others not at all"
                                : "samples have other seeds");
            case "parallel.reproducible" -> Optional.of(ParallelSection.OTHER_ORDER);
            case "data.order" ->
                Optional.of("windows come in another order: some again in this epoch, others not at all");
            case String key
            when key.startsWith("schedule.") -> Optional.of("the learning rate follows a different curve from here");
            default -> Optional.empty();
        };
    }

    /** The data's position follows from the step, so a step of another size stands elsewhere. */
    private static String moved(long before, Recipe.Batch batch, long step) {
        long was = step * before / batch.sequenceLength();
        long is = step * batch.windowsPerStep();
        String between = is > was
                ? "windows %d to %d are left out".formatted(was, is - 1)
                : "windows %d to %d come again".formatted(is, was - 1);
        return "step %d begins at window %d, not %d: %s".formatted(step, is, was, between);
    }

    @Override
    public Ready check(Recipe recipe, Origin origin, RunContext context, Fit fit) {
        return PreparedPretraining.of(recipe, origin, context, fit);
    }
}
