package dev.cria.train;

import dev.cria.Problems;
import dev.cria.RequestException;
import dev.cria.data.Split;
import dev.cria.data.WindowOrder;
import dev.cria.eval.Benchmark;
import dev.cria.eval.Convention;
import dev.cria.model.ModelConfig;
import dev.cria.nn.Shard;
import dev.cria.optim.OptimizerSection;
import dev.cria.optim.ScheduleSection;
import dev.cria.parallel.ParallelSection;
import dev.cria.tensor.Kernels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A pretraining configuration: a record a YAML section, with the paper's recipe as the defaults.
 *
 * <p>What the tags of these records say, before and after the semicolon, is in docs/keys.md: meaning; range.
 *
 * @param model the model to train; a preset, the keys of a Hugging Face config.json, or both, where keys win
 * @param tokenizer tokenizer of the shards; {@code gpt2}, a directory with tokenizer.json, or {@code none}
 * @param out run directory; a path that does not hold a run yet
 * @param kernels which kernels compute: {@code fastest} has non-deterministic sums on GPUs, {@code reference} is the plain
 *     ones that the others are tested against
 * @param seed random seed of new weights, shuffling and samples; a whole number
 * @param device where to compute; {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 */
public record Recipe(
        Map<String, Object> model,
        String tokenizer,
        String out,
        Data data,
        Batch batch,
        OptimizerSection optimizer,
        ScheduleSection schedule,
        Loss loss,
        Ema ema,
        Precision precision,
        ParallelSection parallel,
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
                new OptimizerSection(
                        OptimizerSection.Kind.ADAMW,
                        List.of(0.9, 0.95),
                        1e-8,
                        0.1,
                        1.0,
                        OptimizerSection.State.FP32,
                        OptimizerSection.USUAL_MOMENTUM,
                        Optional.empty()),
                new ScheduleSection(ScheduleSection.Kind.COSINE, 6e-4, 6e-5, 715, 40_000, 0),
                new Loss(0),
                new Ema(0, 1),
                new Precision(Compute.AUTO, Gradients.FP32, Recompute.NONE),
                ParallelSection.USUAL,
                new Validation(250, 20),
                new Benchmarks(250, List.of("hellaswag"), Convention.HARNESS, Optional.empty(), 0, 0),
                new Samples(250, List.of("Hello, I am a language model,"), 4, 32, 0, false, 50, 1.0),
                new Checkpoint(100, 5, 1000, List.of(), false, false, true),
                new Log(true, false, false),
                Kernels.Choice.AUTO,
                new Guard(3, 6.0),
                1337,
                "auto");
    }

    /** The same with another part of the memory shared by ranks. */
    Recipe sharing(Shard shard) {
        return new Recipe(
                model,
                tokenizer,
                out,
                data,
                batch,
                optimizer,
                schedule,
                loss,
                ema,
                precision,
                new ParallelSection(parallel.reproducible(), shard),
                validation,
                benchmarks,
                samples,
                checkpoint,
                log,
                kernels,
                guard,
                seed,
                device);
    }

    /** Refuses rows that are longer than a model's. */
    public void check(ModelConfig config) {
        if (batch.sequenceLength() > config.positions()) {
            throw new RequestException(
                    "batch.sequence_length is " + batch.sequenceLength() + " and the model has " + config.positions()
                            + " positions",
                    "--set batch.sequence_length=" + config.positions());
        }
    }

    /** In which order the windows of a split are visited: only training's may be shuffled. */
    public WindowOrder windowOrder(Split split) {
        return split == Split.TRAIN && data.order() == Order.SHUFFLED
                ? new WindowOrder.Shuffled(seed)
                : new WindowOrder.Sequential();
    }

    /**
     * Where tokens come from.
     *
     * @param path directory of token shards, as prepare writes them; a path
     * @param order order of the windows: as they are in the shards, or a permutation of them
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
     * @param sequenceLength tokens of a row; at least 1 and at most the model's positions
     * @param microBatch rows in one forward; at least 1
     * @param tokensPerStep tokens of a step over all ranks, from which gradient accumulation follows; a multiple of
     *     micro_batch · sequence_length · ranks
     */
    public record Batch(int sequenceLength, int microBatch, long tokensPerStep) {
        public Batch {
            new Checks("batch")
                    .unless(sequenceLength >= 1, "sequence_length", sequenceLength, "at least 1", "1024")
                    .unless(microBatch >= 1, "micro_batch", microBatch, "at least 1", "8")
                    .refuse();
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

        /** Micro-batches of a step over all ranks. */
        public long microBatches() {
            return tokensPerStep / sequenceLength / microBatch;
        }

        /** Windows of a step over all ranks. */
        public long windowsPerStep() {
            return tokensPerStep / sequenceLength;
        }
    }

    /**
     * The types that are computed with.
     *
     * @param compute type of forward and backward: {@code auto} is bf16 where the machine multiplies it faster, {@code fp16}
     *     is for GPUs, with loss scaling
     * @param gradients type in which gradients are added up
     * @param recompute what the backward computes again instead of keeping it, which saves memory and takes time
     */
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

    /**
     * Validation loss along the way.
     *
     * @param every steps from one validation to the next; 0 (never) or more
     * @param batches micro-batches of the validation shard to use; 0 (all) or more
     */
    public record Validation(int every, int batches) {
        public Validation {
            new Checks("validation")
                    .unless(every >= 0, "every", every, "0 (never) or more", "250")
                    .unless(batches >= 0, "batches", batches, "0 (all) or more", "20")
                    .refuse();
        }
    }

    /**
     * Benchmarks along the way.
     *
     * @param every steps from one evaluation to the next; 0 (never) or more
     * @param tasks benchmarks to run; hellaswag, arc_easy, arc_challenge, openbookqa, piqa, boolq, winogrande
     * @param convention how they are scored; {@code nanogpt} is build-nanogpt's HellaSwag, for hellaswag alone
     * @param path directory of the benchmarks' rows; a path, or null for no benchmarks
     * @param limit rows of each benchmark to use; 0 (all) or more
     * @param maxSeconds time that one evaluation may take; 0 (any) or more
     */
    public record Benchmarks(
            int every, List<String> tasks, Convention convention, Optional<String> path, int limit, double maxSeconds) {
        public Benchmarks {
            new Checks("benchmarks")
                    .unless(every >= 0, "every", every, "0 (never) or more", "250")
                    .unless(
                            convention == Convention.HARNESS
                                    || tasks.stream().allMatch(Benchmark.HELLASWAG.id()::equals) && !tasks.isEmpty(),
                            "tasks",
                            tasks,
                            "[hellaswag], which is all that benchmarks.convention=nanogpt is defined for",
                            "[hellaswag]")
                    .unless(limit >= 0, "limit", limit, "0 (all) or more", "0")
                    .unless(maxSeconds >= 0, "max_seconds", maxSeconds, "0 (any) or more", "0")
                    .refuse();
        }

        /** Whether there are rows and a time to score them at. */
        boolean areOn() {
            return every > 0 && path.isPresent();
        }
    }

    /**
     * Completions along the way.
     *
     * @param every steps from one set of samples to the next; 0 (never) or more
     * @param prompts texts to complete; a list of texts
     * @param count completions of each prompt; at least 1
     * @param maxNewTokens maximum tokens per completion; at least 1
     * @param maxLength maximum tokens of prompt and completion together, as the seed of the paper counts; 0 (any) or more
     * @param ignoreEos whether a completion goes on past the end of its text
     * @param topK likeliest tokens to sample from; 0 (all) or more
     * @param temperature sampling temperature; 0 (greedy) or more
     */
    public record Samples(
            int every,
            List<String> prompts,
            int count,
            int maxNewTokens,
            int maxLength,
            boolean ignoreEos,
            int topK,
            double temperature) {
        public Samples {
            new Checks("samples")
                    .unless(every >= 0, "every", every, "0 (never) or more", "250")
                    .unless(count >= 1, "count", count, "at least 1", "4")
                    .unless(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "at least 1", "32")
                    .unless(maxLength >= 0, "max_length", maxLength, "0 (any) or more", "32")
                    .unless(topK >= 0, "top_k", topK, "0 (all) or more", "50")
                    .unless(temperature >= 0, "temperature", temperature, "0 (greedy) or more", "1.0")
                    .refuse();
        }
    }

    /**
     * Checkpoints.
     *
     * @param every steps from one checkpoint to the next; 0 (the last only) or more
     * @param keep newest checkpoints that are kept; at least 1
     * @param keepEvery steps whose checkpoints are kept permanently; 0 (none) or more
     * @param keepSteps steps whose checkpoints are written and kept permanently, whatever every and keep_every are; a list
     *     of steps from 0
     * @param keepLog whether those of steps 0, 1, 2, 4 and so on to 512 are too
     * @param weightsOnly whether a checkpoint that is kept permanently loses its moments when it is none of the newest: it
     *     can be studied and begun from, not resumed
     * @param async whether checkpoints are written while training continues
     */
    public record Checkpoint(
            int every,
            int keep,
            int keepEvery,
            List<Long> keepSteps,
            boolean keepLog,
            boolean weightsOnly,
            boolean async) {
        /** The last of the powers of two: from here on a regular distance tells enough. */
        private static final long LAST_OF_LOG = 512;

        public Checkpoint {
            keepSteps = List.copyOf(keepSteps);
            new Checks("checkpoint")
                    .unless(every >= 0, "every", every, "0 (the last only) or more", "250")
                    .unless(keep >= 1, "keep", keep, "at least 1", "5")
                    .unless(keepEvery >= 0, "keep_every", keepEvery, "0 (none) or more", "1000")
                    .unless(
                            keepSteps.stream().allMatch(step -> step >= 0),
                            "keep_steps",
                            keepSteps,
                            "a list of steps from 0",
                            "[0, 1000]")
                    .refuse();
        }

        /** Whether a checkpoint is written before a step. */
        boolean isDue(long step) {
            return isNamed(step) || every > 0 && step > 0 && step % every == 0;
        }

        /** Whether a step's checkpoint is kept, however old. */
        boolean isPermanent(long step) {
            return isNamed(step) || keepEvery > 0 && step % keepEvery == 0;
        }

        private boolean isNamed(long step) {
            return keepSteps.contains(step) || keepLog && step <= LAST_OF_LOG && Long.bitCount(step) <= 1;
        }

        /** The steps whose checkpoints a training leaves, the oldest first: the permanent ones and the newest. */
        List<Long> left(long steps) {
            List<Long> written = LongStream.rangeClosed(0, steps)
                    .filter(step -> step == steps || isDue(step))
                    .boxed()
                    .toList();
            int newest = Math.max(0, written.size() - keep);
            return Stream.concat(
                            written.subList(0, newest).stream().filter(this::isPermanent),
                            written.subList(newest, written.size()).stream())
                    .toList();
        }
    }

    /**
     * What is logged besides log.txt and metrics.jsonl.
     *
     * @param tensorboard whether TensorBoard's files are written
     * @param csv whether the steps are written to log.csv too, for spreadsheets
     * @param profile whether the time of each part of a step is logged
     */
    public record Log(boolean tensorboard, boolean csv, boolean profile) {}

    /**
     * What is added to the cross-entropy, in whose gradient alone it shows: losses are printed without it.
     *
     * @param zLoss weight of the mean square of each place's log-normalizer, such as 1e-4; 0 (none) or more
     */
    public record Loss(double zLoss) {
        public Loss {
            new Checks("loss")
                    .unless(zLoss >= 0, "z_loss", zLoss, "0 (none) or more", "1e-4")
                    .refuse();
        }
    }

    /**
     * A moving average of the weights, which is evaluated and written beside them; the training is the same with and
     * without it.
     *
     * @param decay share of itself that the average keeps in an update, such as 0.999; 0 (no average) to below 1
     * @param every steps from one update to the next; at least 1
     */
    public record Ema(double decay, int every) {
        public Ema {
            new Checks("ema")
                    .unless(decay >= 0 && decay < 1, "decay", decay, "0 (no average) to below 1", "0.999")
                    .unless(every >= 1, "every", every, "at least 1", "1")
                    .refuse();
        }

        boolean isOn() {
            return decay > 0;
        }
    }

    /**
     * What is done when numbers go wrong.
     *
     * @param skipNonfinite steps in a row that may be skipped because their gradient is not finite; 0 or more
     * @param spikeSigma standard deviations of recent losses beyond which a loss is reported as a spike; 0 (never) or more
     */
    public record Guard(int skipNonfinite, double spikeSigma) {
        public Guard {
            new Checks("guard")
                    .unless(skipNonfinite >= 0, "skip_nonfinite", skipNonfinite, "0 or more", "3")
                    .unless(spikeSigma >= 0, "spike_sigma", spikeSigma, "0 (never) or more", "6.0")
                    .refuse();
        }
    }

    /** Checks of the keys of a section. */
    private static final class Checks {
        private final String section;
        private final Problems problems = new Problems();

        Checks(String section) {
            this.section = section;
        }

        /** @param usual a value to go on with */
        Checks unless(boolean holds, String key, Object value, String wanted, String usual) {
            problems.unless(
                    holds, key + " is " + value + ", not " + wanted, "--set " + section + "." + key + "=" + usual);
            return this;
        }

        void refuse() {
            problems.refuse();
        }
    }
}
