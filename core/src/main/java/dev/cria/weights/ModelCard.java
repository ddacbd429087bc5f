package dev.cria.weights;

import dev.cria.model.ModelConfig;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The README.md of an exported model: its sizes, how it was made where a run tells, and how to use it. */
final class ModelCard {
    private ModelCard() {}

    /**
     * The card of a model that is written to {@code out}.
     *
     * @param runOrModel where it comes from: a run, one of its checkpoints, or another directory
     */
    static String of(ModelConfig config, Path runOrModel, Path out) {
        StringBuilder card = new StringBuilder();
        String name = String.valueOf(out.toAbsolutePath().normalize().getFileName());
        card.append("---\nlibrary_name: transformers\npipeline_tag: text-generation\ntags: [cria]\n---\n");
        card.append("# ").append(name).append("\n\nWritten by Cria.\n\n");
        card.append("| | |\n| --- | --- |\n");
        row(card, "architecture", config.title());
        row(card, "parameters", "%,d".formatted(config.parameterCount()));
        row(card, "layers", config.layers());
        row(card, "hidden size", config.hiddenSize());
        row(card, "attention heads", config.heads().heads());
        row(card, "key-value heads", config.heads().kvHeads());
        row(card, "positions", config.positions());
        row(card, "vocabulary", config.vocabSize());
        run(runOrModel).ifPresent(run -> training(card, run));
        card.append("\n```python\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n");
        card.append("model = AutoModelForCausalLM.from_pretrained(\"")
                .append(name)
                .append("\")\n");
        card.append("tokenizer = AutoTokenizer.from_pretrained(\"").append(name).append("\")\n```\n");
        return card.toString();
    }

    private static void row(StringBuilder card, String what, Object value) {
        card.append("| ").append(what).append(" | ").append(value).append(" |\n");
    }

    /** The run that a path is, or lies in. */
    private static Optional<Path> run(Path runOrModel) {
        Path absolute = runOrModel.toAbsolutePath().normalize();
        return Stream.iterate(Optional.of(absolute), Optional::isPresent, p -> p.map(Path::getParent))
                .limit(3)
                .flatMap(Optional::stream)
                .filter(p -> Files.isRegularFile(p.resolve("metrics.jsonl")))
                .findFirst();
    }

    private static void training(StringBuilder card, Path run) {
        RunFiles files = new RunFiles(run);
        files.stepLines().stream().reduce((_, last) -> last).ifPresent(last -> {
            row(card, "steps", last.step() + 1);
            row(card, "tokens seen", "%,d".formatted(last.tokens()));
            row(card, "training loss of the last step", "%.4f".formatted(last.loss()));
        });
        files.validations().stream()
                .reduce((_, last) -> last)
                .ifPresent(last -> row(
                        card,
                        "validation loss",
                        "%.4f nats, perplexity %.2f".formatted(last.loss(), Math.exp(last.loss()))));
        files.metrics().stream()
                .flatMap(line -> line instanceof Line.Benchmarks b ? Stream.of(b) : Stream.empty())
                .reduce((_, last) -> last)
                .ifPresent(last -> last.tasks()
                        .forEach((task, metrics) -> metrics.forEach((metric, value) ->
                                row(card, task + " " + metric, String.format(Locale.ROOT, "%.4f", value)))));
        Path config = run.resolve("config.yaml");
        if (Files.isRegularFile(config)) {
            try {
                card.append("\nConfiguration:\n```yaml\n")
                        .append(Files.readString(config))
                        .append("```\n");
            } catch (IOException _) {
                // The card is complete without it.
            }
        }
    }
}
