package dev.cria.demo;

import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the demo says at its end: losses, sentences that got better, where everything lies and what to try next. */
public record ClosingPage(Path out, Path run, Path report, Baselines baselines, double seconds) {
    private static final JsonMapper JSON = new JsonMapper();

    public String text() {
        StringBuilder page = new StringBuilder("\nHow the sentences got better\n");
        samples(page);
        page.append("\nValidation loss             nats a token   bits a byte\n");
        row(page, "unigram", baselines.unigram());
        row(page, "bigram", baselines.bigram());
        row(page, "Kneser-Ney trigram", baselines.trigram());
        row(page, "this model", baselines.model());
        page.append(String.format(
                Locale.ROOT,
                "%nSpeed: %.0f tokens/s at the best step; the whole demo took %.0f s%n",
                speed(),
                seconds));
        Path checkpoint = run.resolve("checkpoints").resolve(lastCheckpoint());
        page.append("\nWhere things lie\n");
        page.append("  corpus, benchmarks, instructions   ")
                .append(out.resolve("primer"))
                .append('\n');
        page.append("  tokenizer, shards                  ")
                .append(out.resolve("tokenizer"))
                .append(", ")
                .append(out.resolve("data"))
                .append('\n');
        page.append("  the run and its checkpoints        ").append(run).append('\n');
        page.append("\nTry next\n");
        page.append("  ./cria generate ").append(checkpoint).append(" --prompt \"A dog is\"\n");
        page.append("  ./cria pretrain --resume ")
                .append(run)
                .append(" --at 0 --set seed=2 --out ")
                .append(out.resolve("again"))
                .append('\n');
        page.append("  ./cria prepare YOUR.txt --out data/mine --tokenizer gpt2\n");
        page.append("\nReport: ").append(report).append('\n');
        return page.toString();
    }

    private void row(StringBuilder page, String name, double nats) {
        page.append(String.format(Locale.ROOT, "  %-25s %10.4f    %10.4f%n", name, nats, baselines.bitsPerByte(nats)));
    }

    /** For each prompt its first completion at the first, a middle and the last step. */
    private void samples(StringBuilder page) {
        Map<String, List<JsonNode>> byPrompt = new TreeMap<>();
        for (JsonNode sample : lines("samples.jsonl")) {
            byPrompt.computeIfAbsent(sample.path("prompt").asString(), _ -> new ArrayList<>())
                    .add(sample);
        }
        byPrompt.forEach((prompt, samples) -> {
            for (int i : new int[] {0, samples.size() / 2, samples.size() - 1}) {
                JsonNode sample = samples.get(i);
                page.append(String.format(
                        Locale.ROOT,
                        "  step %5d  %s|%s%n",
                        sample.path("step").asLong(),
                        prompt,
                        sample.path("text").asString().replace('\n', ' ')));
            }
        });
    }

    private double speed() {
        return lines("metrics.jsonl").stream()
                .mapToDouble(line -> line.path("tokens_per_s").asDouble(0))
                .max()
                .orElse(0);
    }

    private String lastCheckpoint() {
        try (var found = Files.list(run.resolve("checkpoints"))) {
            return found.map(p -> p.getFileName().toString())
                    .filter(name -> name.startsWith("step-"))
                    .max(String::compareTo)
                    .orElse("");
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(run, e);
        }
    }

    private List<JsonNode> lines(String file) {
        try {
            return Files.readAllLines(run.resolve(file)).stream()
                    .map(JSON::readTree)
                    .toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(run.resolve(file), e);
        }
    }
}
