package dev.cria.train;

import dev.cria.train.Suggestion.Limit;
import dev.cria.train.Suggestion.Machine;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A {@link Suggestion} as a configuration that a person reads and changes: each value with the reason beside it.
 *
 * @param inputs the texts, as they were named
 * @param file that is written
 * @param name of the run and its data
 * @param device as it was asked for
 * @param speed where the machine's figure comes from
 */
public record SuggestedFile(
        Suggestion suggestion,
        List<String> inputs,
        String file,
        String name,
        Machine machine,
        String device,
        String speed) {
    private static final int VALIDATIONS = 20;
    private static final int CHECKPOINTS = 10;
    private static final int MOST_WARM_UP = 2000;

    /** What is typed from the texts to the run. */
    public List<String> commands() {
        TextSize text = suggestion.text();
        String texts = inputs.stream().map(Invocation::quoted).collect(Collectors.joining(" "));
        String prepare = "./cria prepare " + texts + " --tokenizer " + tokenizer() + " --out " + data();
        String train = "./cria pretrain --config " + Invocation.quoted(file);
        return text.needsOwnTokenizer()
                ? List.of(
                        "./cria tokenizer train %s --vocab-size %d --out %s"
                                .formatted(texts, text.vocabulary(), tokenizer()),
                        prepare,
                        train)
                : List.of(prepare, train);
    }

    private String tokenizer() {
        return suggestion.text().needsOwnTokenizer() ? "data/" + name + "-tok" : "gpt2";
    }

    private String data() {
        return "data/" + name;
    }

    /** The file's text. */
    public String yaml() {
        StringBuilder yaml = new StringBuilder();
        line(
                yaml,
                "# %s in %s hours, as cria init proposes it. Every key: docs/keys.md.",
                String.join(", ", inputs),
                hours());
        commands().forEach(command -> line(yaml, "#   %s", command));
        line(yaml, "#");
        head(yaml);
        model(yaml);
        training(yaml);
        return yaml.toString();
    }

    private String hours() {
        return "%s".formatted(suggestion.hours()).replaceFirst("\\.0$", "");
    }

    private void head(StringBuilder yaml) {
        TextSize text = suggestion.text();
        line(
                yaml,
                "# Text     %s%s; %s tokens to learn from, %.1f bytes each in a vocabulary of %d",
                MemoryPlan.size(text.bytes()),
                text.counted() ? "" : " by the size of its files",
                million(text.trainingTokens()),
                text.bytesPerToken(),
                text.vocabulary());
        line(yaml, "# Machine  %s; %s of memory free", speed, MemoryPlan.size((long) machine.room()));
        line(yaml, "# Length   %s", length());
        double seconds = suggestion.operations() / machine.flops();
        line(yaml, "# Time     %s at that speed, evaluations not counted", TrainingPlan.duration(seconds));
    }

    private String length() {
        String tokens = "%s tokens, %.2g for each parameter and %.1f times over the text"
                .formatted(
                        million(suggestion.tokens()),
                        (double) suggestion.tokens() / suggestion.parameters(),
                        suggestion.epochs());
        return suggestion.limit() == Limit.TIME
                ? tokens + ": what the time is enough for"
                : tokens + ": more text, not more time, would make it better";
    }

    private void model(StringBuilder yaml) {
        line(yaml, "model:%s", comment("%s parameters".formatted(million(suggestion.parameters()))));
        for (Map.Entry<String, Object> key : suggestion
                .shape()
                .keys(suggestion.text().vocabulary(), suggestion.sequenceLength())
                .entrySet()) {
            line(yaml, "  %s: %s", key.getKey(), key.getValue());
        }
        line(yaml, "tokenizer: %s", tokenizer());
        line(yaml, "out: runs/%s", name);
        line(yaml, "data: {path: %s, order: shuffled}", data());
        if (!device.equals("auto")) {
            line(yaml, "device: %s", device);
        }
    }

    private void training(StringBuilder yaml) {
        long steps = suggestion.steps();
        line(yaml, "batch:");
        line(yaml, "  sequence_length: %d", suggestion.sequenceLength());
        line(
                yaml,
                "  micro_batch: %d%s",
                suggestion.microBatch(),
                comment("rows in one forward; no more than memory holds"));
        line(
                yaml,
                "  tokens_per_step: %d%s",
                suggestion.tokensPerStep(),
                comment("grows with the operations of the training"));
        line(yaml, "schedule:");
        line(yaml, "  kind: cosine");
        line(yaml, "  learning_rate: %s%s", rate(1), comment("falls with them; a third of it if the loss jumps"));
        line(yaml, "  min_learning_rate: %s", rate(10));
        line(yaml, "  warmup_steps: %d", Math.min(MOST_WARM_UP, Math.max(1, steps / 20)));
        line(yaml, "  steps: %d", steps);
        line(yaml, "validation: {every: %d, batches: 20}", every(VALIDATIONS));
        line(yaml, "benchmarks: {every: 0}%s", comment("needs files: docs/evaluation.md"));
        line(
                yaml,
                "samples: {every: %d, prompts: [\"The\"], count: 2, max_new_tokens: 32, top_k: 50}",
                every(CHECKPOINTS));
        line(yaml, "checkpoint: {every: %d, keep: 3, keep_every: 0, async: true}", every(CHECKPOINTS));
    }

    private long every(int times) {
        return Math.max(1, suggestion.steps() / times);
    }

    private String rate(int part) {
        return "%.1e".formatted(suggestion.learningRate() / part);
    }

    private static String comment(String words) {
        return "    # " + words;
    }

    private static String million(double count) {
        return count < 1e9 ? "%.3gM".formatted(count / 1e6) : "%.3gB".formatted(count / 1e9);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
