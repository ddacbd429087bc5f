package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.tensor.Kernels;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pretraining configuration: a record a YAML section, with the paper's recipe as the defaults.
 *
 * @param model a preset, the keys of a Hugging Face config.json, or both
 * @param tokenizer {@code gpt2}, a directory with tokenizer.json, or {@code none}
 * @param out the run directory
 * @param kernels {@code auto}, {@code fastest} (on GPUs, sums in any order) or {@code reference}
 * @param seed of new weights, shuffling and samples
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 */
public record Recipe(
        Map<String, Object> model,
        String tokenizer,
        String out,
        Data data,
        Batch batch,
        Optimizer optimizer,
        ScheduleSection schedule,
        Precision precision,
        Validation validation,
        Benchmarks benchmarks,
        Samples samples,
        Checkpoint checkpoint,
        Log log,
        Kernels.Choice kernels,
        Guard guard,
        long seed,
        String device) {

    /** The paper's recipe. */
    public static Recipe defaults() {
        return new Recipe(
                Map.of(),
                "gpt2",
                "runs/dmas-1.7b",
                new Data("data/fineweb-edu", Order.SEQUENTIAL),
                new Batch(1024, 32, 524_288),
                new Optimizer(List.of(0.9, 0.95), 1e-8, 0.1, 1.0, State.FP32),
                new ScheduleSection(ScheduleSection.Kind.COSINE, 6e-4, 6e-5, 715, 40_000),
                new Precision(Compute.AUTO, Gradients.FP32, Recompute.NONE),
                new Validation(250, 20),
                new Benchmarks(250, List.of("hellaswag"), Optional.empty(), 0, 0),
                new Samples(250, List.of("Hello, I am a language model,"), 4, 32, 50, 1.0),
                new Checkpoint(100, 5, 1000, true),
                new Log(true, false),
                Kernels.Choice.AUTO,
                new Guard(3, 6.0),
                1337,
                "auto");
    }

    /**
     * Where tokens come from.
     *
     * @param path directory of .npy shards
     */
    public record Data(String path, Order order) {}

    /** In which order windows are visited. */
    public enum Order {
        SEQUENTIAL,
        SHUFFLED
    }

    /**
     * How many tokens a step takes.
     *
     * @param microBatch rows in one forward
     * @param tokensPerStep tokens of a step over all ranks; accumulation follows
     */
    public record Batch(int sequenceLength, int microBatch, long tokensPerStep) {
        public Batch {
            Refuse.unless(sequenceLength >= 1, "sequence_length", sequenceLength, "at least 1");
            Refuse.unless(microBatch >= 1, "micro_batch", microBatch, "at least 1");
        }

        /** Micro-batches of a step on each rank. */
        public int accumulation(int ranks) {
            long together = (long) microBatch * sequenceLength * ranks;
            if (tokensPerStep % together != 0 || tokensPerStep < together) {
                throw new RequestException(
                        "batch.tokens_per_step is %d, not a multiple of micro_batch · sequence_length · ranks = %d · %d · %d = %d"
                                .formatted(tokensPerStep, microBatch, sequenceLength, ranks, together),
                        "--set batch.tokens_per_step=" + Math.max(1, tokensPerStep / together) * together);
            }
            return Math.toIntExact(tokensPerStep / together);
        }

        /** Windows of a step over all ranks. */
        public long windowsPerStep() {
            return tokensPerStep / sequenceLength;
        }
    }

    /**
     * AdamW.
     *
     * @param weightDecay of tensors of two or more dimensions
     * @param gradClip largest norm of the gradient; 0 for none
     */
    public record Optimizer(List<Double> betas, double eps, double weightDecay, double gradClip, State state) {
        public Optimizer {
            boolean two = betas.size() == 2 && betas.stream().allMatch(b -> b >= 0 && b < 1);
            Refuse.unless(two, "betas", betas, "two numbers from 0 to below 1");
            Refuse.unless(eps > 0, "eps", eps, "above 0");
            Refuse.unless(weightDecay >= 0, "weight_decay", weightDecay, "0 or more");
            Refuse.unless(gradClip >= 0, "grad_clip", gradClip, "0 or more");
        }
    }

    /** How the optimizer's moments are kept. */
    public enum State {
        FP32,
        /** 8 bits an element with a scale for each block of 256. */
        INT8
    }

    /** The types that are computed with. */
    public record Precision(Compute compute, Gradients gradients, Recompute recompute) {}

    /** The type of the forward and backward; auto is bf16 where the machine multiplies it faster. */
    public enum Compute {
        FP32,
        BF16,
        FP16,
        AUTO
    }

    public enum Gradients {
        FP32,
        BF16
    }

    /** What the backward computes again instead of keeping it. */
    public enum Recompute {
        NONE,
        BLOCKS
    }

    /** Validation loss every so many steps on so many micro-batches; 0 batches: the whole validation shard. */
    public record Validation(int every, int batches) {
        public Validation {
            Refuse.unless(every >= 0, "every", every, "0 (never) or more");
            Refuse.unless(batches >= 0, "batches", batches, "0 (all) or more");
        }
    }

    /**
     * Benchmarks along the way.
     *
     * @param path directory of the rows
     * @param limit rows of each task; 0 for all
     * @param maxSeconds time that one evaluation may take; 0 for any
     */
    public record Benchmarks(int every, List<String> tasks, Optional<String> path, int limit, double maxSeconds) {
        public Benchmarks {
            Refuse.unless(every >= 0, "every", every, "0 (never) or more");
            Refuse.unless(limit >= 0, "limit", limit, "0 (all) or more");
            Refuse.unless(maxSeconds >= 0, "max_seconds", maxSeconds, "0 (any) or more");
        }
    }

    /** Completions along the way. */
    public record Samples(int every, List<String> prompts, int count, int maxNewTokens, int topK, double temperature) {
        public Samples {
            Refuse.unless(every >= 0, "every", every, "0 (never) or more");
            Refuse.unless(count >= 1, "count", count, "at least 1");
            Refuse.unless(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "at least 1");
            Refuse.unless(topK >= 0, "top_k", topK, "0 (all) or more");
            Refuse.unless(temperature >= 0, "temperature", temperature, "0 (greedy) or more");
        }
    }

    /**
     * Checkpoints.
     *
     * @param every steps; 0 for the last one only
     * @param keep newest ones that stay
     * @param keepEvery steps whose checkpoints stay for ever; 0 for none
     * @param async written while training goes on
     */
    public record Checkpoint(int every, int keep, int keepEvery, boolean async) {
        public Checkpoint {
            Refuse.unless(every >= 0, "every", every, "0 (the last only) or more");
            Refuse.unless(keep >= 1, "keep", keep, "at least 1");
            Refuse.unless(keepEvery >= 0, "keep_every", keepEvery, "0 (none) or more");
        }
    }

    /** What is logged besides log.txt and metrics.jsonl: TensorBoard's files, and the time of each part of a step. */
    public record Log(boolean tensorboard, boolean profile) {}

    /**
     * What is done when numbers go wrong.
     *
     * @param skipNonfinite steps in a row that may be skipped because their gradient is not finite
     * @param spikeSigma a loss beyond this many standard deviations of the recent ones is an event; 0 for none
     */
    public record Guard(int skipNonfinite, double spikeSigma) {
        public Guard {
            Refuse.unless(skipNonfinite >= 0, "skip_nonfinite", skipNonfinite, "0 or more");
            Refuse.unless(spikeSigma >= 0, "spike_sigma", spikeSigma, "0 (never) or more");
        }
    }

    /** Checks of single keys. */
    private static final class Refuse {
        private Refuse() {}

        static void unless(boolean holds, String key, Object value, String wanted) {
            if (!holds) {
                throw new RequestException(key + " is " + value + ", not " + wanted, "see docs/pretraining.md");
            }
        }
    }
}
