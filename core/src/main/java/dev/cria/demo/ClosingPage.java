package dev.cria.demo;

import dev.cria.format.ConfigFile;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import dev.cria.train.Recipe;
import dev.cria.weights.ModelPlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the demo says at its end: sentences that got better, losses, benchmarks, what restarts cost and tuning brought,
 * where everything lies and what to try next.
 */
public final class ClosingPage {
    private static final JsonMapper JSON = new JsonMapper();

    private final DemoFiles files;
    private final DemoSize size;
    private final double seconds;
    private final RunFiles run;
    private final StringBuilder page = new StringBuilder();

    ClosingPage(DemoFiles files, DemoSize size, double seconds) {
        this.files = files;
        this.size = size;
        this.seconds = seconds;
        this.run = new RunFiles(files.run());
    }

    public String text() {
        page.setLength(0);
        samples();
        losses();
        benchmarks();
        restarts();
        answers();
        say(
                "%nSpeed: %.0f tokens/s at the best step; the whole demo took %.0f s",
                run.stepLines().stream()
                        .mapToDouble(Line.Step::tokensPerSecond)
                        .max()
                        .orElse(0),
                seconds);
        again();
        places();
        return page.toString();
    }

    private void say(String line, Object... values) {
        page.append(String.format(Locale.ROOT, line + "%n", values));
    }

    /** For each prompt its first completion at the first, a middle and the last step. */
    private void samples() {
        say("%nHow the sentences got better");
        Map<String, List<Line.Sample>> byPrompt = new TreeMap<>();
        for (Line.Sample sample : run.samples()) {
            byPrompt.computeIfAbsent(sample.prompt(), _ -> new ArrayList<>()).add(sample);
        }
        byPrompt.forEach((prompt, samples) -> {
            for (int i : new int[] {0, samples.size() / 2, samples.size() - 1}) {
                Line.Sample sample = samples.get(i);
                say("  step %5d  %s|%s", sample.step(), prompt, sample.text().replace('\n', ' '));
            }
        });
    }

    private void losses() {
        Baselines losses = Baselines.read(files.run());
        say("%nValidation loss             nats a token   bits a byte");
        loss("unigram", losses.unigram(), losses);
        loss("bigram", losses.bigram(), losses);
        loss("Kneser-Ney trigram", losses.trigram(), losses);
        loss("this model", losses.model(), losses);
    }

    private void loss(String name, double nats, Baselines losses) {
        say("  %-25s %10.4f    %10.4f", name, nats, losses.bitsPerByte(nats));
    }

    private void benchmarks() {
        JsonNode told = tree("eval.json").path("results");
        JsonNode heldOut = tree("heldout.json").path("results");
        say("%nBenchmarks, in per cent   in new words   on facts never told   chance");
        for (var task : told.properties()) {
            JsonNode here = task.getValue();
            say(
                    "  %-22s %14s   %19s   %6.1f",
                    task.getKey(),
                    score(here),
                    score(heldOut.path(task.getKey())),
                    100 * here.path("chance").asDouble());
        }
    }

    private static String score(JsonNode task) {
        String metric = task.has("acc_norm,none") ? "acc_norm" : "acc";
        return String.format(
                Locale.ROOT,
                "%.1f ± %.1f",
                100 * task.path(metric + ",none").asDouble(),
                100 * task.path(metric + "_stderr,none").asDouble());
    }

    /** The greatest difference of the loss at one step to the unbroken run's, over the same data. */
    private void restarts() {
        say("%nRestarted at step %d, loss over the unbroken run's", size.forkAt());
        Map<Long, Double> unbroken = losses(run);
        for (Fork fork : size.forks()) {
            double highest = losses(new RunFiles(files.fork(fork))).entrySet().stream()
                    .filter(step -> step.getKey() >= size.forkAt())
                    .mapToDouble(step -> step.getValue() - unbroken.getOrDefault(step.getKey(), Double.NaN))
                    .max()
                    .orElse(Double.NaN);
            say("  %-25s at most %+.4f in %d steps", fork.directory(), highest, size.forkSteps());
        }
    }

    private static Map<Long, Double> losses(RunFiles run) {
        return run.stepLines().stream().collect(Collectors.toMap(Line.Step::step, Line.Step::loss));
    }

    private JsonNode tree(String file) {
        return JSON.readTree(files.run().resolve(file));
    }

    private void answers() {
        JsonNode match = tree("exact-match.json");
        say(
                "%nQuestions that no instruction asked: %d of %d right before tuning, %d after",
                match.path("right_before").asLong(),
                match.path("questions").asLong(),
                match.path("right_after").asLong());
    }

    /** What the numbers follow from, apart from the kind of processor. */
    private void again() {
        Recipe recipe = ConfigFile.read(run.config(), Recipe.defaults(), List.of());
        say(
                "The same numbers again, on this machine: ./cria demo%s --seed %d --steps %d --out DIR",
                size.isQuick() ? " --quick" : "",
                recipe.seed(),
                recipe.schedule().steps());
    }

    private void places() {
        Path checkpoint = ModelPlace.of(files.run());
        say("%nWhere things lie");
        say("  corpus, benchmarks, instructions   %s", files.primer());
        say("  tokenizer, shards                  %s, %s", files.tokenizer(), files.data());
        say(
                "  the run, its forks, its tuning     %s, %s, %s",
                files.run(), files.out().resolve("restart"), files.tuning());
        say("%nTry next");
        say("  ./cria generate %s --prompt \"A dog is\"", checkpoint);
        say("  ./cria chat %s", files.tuning());
        say(
                "  ./cria pretrain --resume %s --at %d --set schedule.learning_rate=0.001 --out %s",
                files.run(), size.forkAt(), files.out().resolve("slower"));
        say("%nReport: %s", files.report().resolve("index.html"));
    }
}
