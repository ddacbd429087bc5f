package dev.cria.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Writes run directories that look like real ones: a falling noisy loss, a spike where the optimizer's state was lost,
 * two speeds, benchmarks, samples. The same arguments give the same bytes.
 */
final class SyntheticRun {
    private static final String[] TASKS = {
        "hellaswag", "arc_easy", "arc_challenge", "openbookqa", "piqa", "boolq", "winogrande"
    };

    private final int steps;
    private final int vocabulary;
    private final Random random = new Random(7);
    private final StringBuilder metrics = new StringBuilder();
    private final StringBuilder events = new StringBuilder();
    private final StringBuilder samples = new StringBuilder();
    private int lostStateAt = -1;
    private String from = "";
    private int first;

    SyntheticRun(int steps, int vocabulary) {
        this.steps = steps;
        this.vocabulary = vocabulary;
    }

    /** Forked from another run at this step, without its optimizer state and from two ranks to one. */
    SyntheticRun withoutStateAt(int step, Path parent) {
        lostStateAt = step;
        from = parent.toString();
        return this;
    }

    /** The metrics begin only at this step, as in a fork that doesn't copy its parent's. */
    SyntheticRun beginningAt(int step) {
        first = step;
        return this;
    }

    void write(Path run) throws IOException {
        Files.createDirectories(run);
        lines(run);
        Files.writeString(run.resolve("config.yaml"), config(run));
        Files.writeString(run.resolve("metrics.jsonl"), metrics);
        Files.writeString(run.resolve("events.jsonl"), events);
        Files.writeString(run.resolve("samples.jsonl"), samples);
        Path checkpoint = run.resolve("checkpoints").resolve("step-%07d".formatted(steps));
        Files.createDirectories(checkpoint);
        Files.writeString(checkpoint.resolve("config.json"), model());
    }

    private void lines(Path run) {
        int every = Math.max(1, steps / 40);
        if (first == 0) {
            event("""
                {"event": "started", "step": 0, "ranks": 2, "device": "cpu", "host": "lab-3", "jdk": "25.0.1", \
                "revision": "4eb04bd", "peak_source": "GEMM measured here, fp32"}\
                """);
        }
        for (int step = first; step < steps; step++) {
            if (step == lostStateAt) {
                event("""
                    {"event": "resumed", "step": %d, "from": "%s", "optimizer_state": false, "ranks": 1, \
                    "device": "cpu"}\
                    """.formatted(step, from));
            }
            if (step % every == 0) {
                evaluate(step);
            }
            if (step > 0 && step % (every * 2) == 0) {
                event("{\"event\": \"checkpoint\", \"step\": %d, \"seconds\": 0.4}".formatted(step));
            }
            step(step);
        }
        evaluate(steps);
        event("{\"event\": \"finished\", \"step\": %d}".formatted(steps));
    }

    private void step(int step) {
        double elapsed = step * 0.9;
        double wave = excess(step);
        double ranks = lostStateAt >= 0 && step >= lostStateAt ? 1 : 2;
        double speed = ranks * 2900 * (1 + 0.03 * random.nextGaussian()) * (step % 97 == 0 ? 0.7 : 1);
        double norm = (0.3 + 3 * Math.exp(-step / (0.02 * steps))) * Math.exp(0.12 * random.nextGaussian());
        double noise = 0.04 * random.nextGaussian();
        metrics.append(String.format(
                Locale.ROOT,
                "{\"step\": %d, \"loss\": %.6f, \"lr\": %.6e, \"grad_norm\": %.5f, \"tokens\": %d, \"tokens_per_s\":"
                        + " %.1f, \"mfu\": %.4f, \"elapsed_s\": %.2f}%n",
                step,
                loss(step) + noise + wave,
                learningRate(step),
                norm * (1 + 6 * wave),
                (step + 1) * 8192L,
                speed,
                0.41 * speed / 5800,
                elapsed));
    }

    private void evaluate(int step) {
        metrics.append(String.format(
                Locale.ROOT, "{\"step\": %d, \"val_loss\": %.4f}%n", step, loss(step) + 0.03 + excess(step - 1)));
        StringBuilder tasks = new StringBuilder();
        double learnt = 1 - Math.exp(-2.5 * step / steps);
        for (int t = 0; t < TASKS.length; t++) {
            double chance = t < 4 ? 0.25 : 0.5;
            double gain = (t == 5 ? -0.04 : 0.12 + 0.04 * t) * learnt - 0.25 * excess(step - 1);
            double accuracy = chance + gain + 0.008 * random.nextGaussian();
            tasks.append(tasks.isEmpty() ? "" : ", ")
                    .append(String.format(
                            Locale.ROOT,
                            "\"%s\": {\"acc\": %.4f, \"acc_stderr\": 0.0132, \"acc_norm\": %.4f, \"acc_norm_stderr\":"
                                    + " 0.0135}",
                            TASKS[t],
                            accuracy - 0.01,
                            accuracy));
        }
        metrics.append("{\"step\": %d, \"benchmarks\": {%s}}%n".formatted(step, tasks));
        sample(step, "A violin is a kind of", "string instrument that a player holds under the chin and bows");
        sample(step, "The opposite of hot is", "cold, and a thing that is neither is called <b>lukewarm</b> & mild");
    }

    private void sample(int step, String prompt, String text) {
        int known = Math.min(text.length(), 4 + (int) (text.length() * Math.pow(1.0 * step / steps, 0.4)));
        StringBuilder guess = new StringBuilder(text.substring(0, known));
        for (int i = known; i < text.length(); i++) {
            guess.append((char) ('a' + random.nextInt(26)));
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("prompt", prompt);
        line.put("seed", 0);
        line.put("text", prompt + " " + guess);
        samples.append(JsonFiles.write(line)).append('\n');
    }

    private void event(String line) {
        events.append(line).append('\n');
    }

    private double loss(int step) {
        return 2.4 + (Math.log(vocabulary) - 2.4) * Math.pow(1 + step / (0.01 * steps), -0.75);
    }

    private double excess(int step) {
        return lostStateAt < 0 || step < lostStateAt
                ? 0
                : 0.6
                        * Math.exp(-(step - lostStateAt) / (0.06 * steps))
                        * (1 - Math.exp(-(step - lostStateAt + 1) / 4.0));
    }

    private double learningRate(int step) {
        double warmup = 0.02 * steps;
        return step < warmup
                ? 6e-4 * (step + 1) / warmup
                : 6e-5 + 0.5 * (1 + Math.cos(Math.PI * (step - warmup) / (steps - warmup))) * 5.4e-4;
    }

    private String config(Path run) {
        return """
            out: %s
            data: {path: data/primer, order: sequential}
            batch: {sequence_length: 256, micro_batch: 16, tokens_per_step: 8192}
            schedule: {kind: cosine, learning_rate: 6.0e-4, min_learning_rate: 6.0e-5, warmup_steps: %d, steps: %d}
            seed: 1337
            """.formatted(run, steps / 50, steps);
    }

    private String model() {
        return """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 256,
             "intermediate_size": 704, "num_hidden_layers": 6, "num_attention_heads": 8, "num_key_value_heads": 4,
             "hidden_act": "silu", "rms_norm_eps": 1e-05, "rope_theta": 500000.0, "max_position_embeddings": 256,
             "vocab_size": %d, "tie_word_embeddings": false, "attention_bias": false}
            """.formatted(vocabulary);
    }

    /** Writes two runs for looking at: {@code ROOT/steady} and its fork {@code ROOT/state-lost}. */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]);
        int vocabulary = Integer.parseInt(arguments[1]);
        new SyntheticRun(6000, vocabulary).write(root.resolve("steady"));
        new SyntheticRun(6000, vocabulary)
                .withoutStateAt(2400, root.resolve("steady"))
                .write(root.resolve("state-lost"));
    }
}
