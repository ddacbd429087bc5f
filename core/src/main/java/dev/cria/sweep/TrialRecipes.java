package dev.cria.sweep;

import dev.cria.Problems;
import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.format.ConfigFile;
import dev.cria.parallel.Ranks;
import dev.cria.train.Interruption;
import dev.cria.train.Origin;
import dev.cria.train.Pretraining;
import dev.cria.train.Recipe;
import dev.cria.train.RunContext;
import dev.cria.train.TrainingKind.Fit;
import dev.cria.train.TrainingKind.Ready;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The configurations of all trials, and whether each could begin. All that is wrong with any of them is told at once. */
record TrialRecipes(Map<Trial, Recipe> recipes) {

    /** @throws RequestException for a key or a value that no configuration has */
    static TrialRecipes of(List<Trial> trials, Recipe base, Path sweep) {
        Set<RequestException.Problem> told = new LinkedHashSet<>();
        Map<Trial, Recipe> recipes = new LinkedHashMap<>();
        for (Trial trial : trials) {
            try {
                recipes.put(trial, read(trial, base, sweep));
            } catch (RequestException e) {
                e.problems().forEach(p -> told.add(new RequestException.Problem(ofVary(p.error()), p.hint())));
            }
        }
        refuse(told);
        return new TrialRecipes(recipes);
    }

    private static Recipe read(Trial trial, Recipe base, Path sweep) {
        List<String> overrides = new ArrayList<>(trial.overrides());
        overrides.add(ConfigFile.setting("out", SweepDirectory.run(sweep, trial).toString()));
        return ConfigFile.defaults(base, overrides);
    }

    private static String ofVary(String error) {
        return error.replaceFirst("^--set(?= )", "--vary");
    }

    private static void refuse(Set<RequestException.Problem> told) {
        Problems problems = new Problems();
        problems.addAll(List.copyOf(told));
        problems.refuse();
    }

    Recipe of(Trial trial) {
        return Objects.requireNonNull(recipes.get(trial));
    }

    /** Refuses trials that have no validation loss, or whose losses are not of the same steps where that matters. */
    void requireComparable(Optional<Halving> halving) {
        boolean validated =
                recipes.values().stream().allMatch(recipe -> recipe.validation().every() > 0);
        long horizons = recipes.values().stream()
                .map(recipe ->
                        recipe.schedule().steps() + " " + recipe.validation().every())
                .distinct()
                .count();
        new Problems()
                .unless(
                        validated,
                        "validation.every is 0, and trials are compared by their validation loss",
                        "--set validation.every=100")
                .unless(
                        halving.isEmpty() || horizons == 1,
                        "--halving compares trials at the same steps, and schedule.steps or validation.every is varied",
                        "leave --halving out, or --vary other keys")
                .refuse();
    }

    /**
     * Checks data, model, tokenizer and memory, once for the trials that only learn otherwise. Nothing is allocated.
     *
     * @return the hash of the tokenizer and of each shard
     */
    Map<String, String> checkedInputs() {
        var silent = new RunContext(Progress.silent(), Ranks.solo(), Interruption.never());
        Set<RequestException.Problem> told = new LinkedHashSet<>();
        Map<String, String> inputs = new TreeMap<>();
        Set<Map<String, String>> seen = new HashSet<>();
        for (Recipe recipe : recipes.values()) {
            if (seen.add(whatIsChecked(recipe))) {
                try (Ready ready =
                        new Pretraining().check(recipe, new Origin.Beginning(Optional.empty()), silent, Fit.REQUIRED)) {
                    ready.inputs().forEach((name, hash) -> inputs.put(inputName(recipe, name), hash));
                    requireValidation(recipe);
                } catch (RequestException e) {
                    told.addAll(e.problems());
                }
            }
        }
        refuse(told);
        return inputs;
    }

    private static String inputName(Recipe recipe, String name) {
        return name + " of " + recipe.data().path();
    }

    private static Map<String, String> whatIsChecked(Recipe recipe) {
        Map<String, String> keys = new HashMap<>(ConfigFile.flat(recipe));
        keys.keySet().removeIf(key -> key.equals("out") || key.equals("seed") || key.startsWith("schedule."));
        return keys;
    }

    private static void requireValidation(Recipe recipe) {
        try (Shards shards = Shards.open(Path.of(recipe.data().path()))) {
            if (shards.of(Split.VALIDATION).isEmpty()) {
                throw new RequestException(
                        recipe.data().path() + " has no validation shard, and trials are compared by their validation"
                                + " loss",
                        "./cria prepare writes one: its name has _val_ in it");
            }
        }
    }
}
