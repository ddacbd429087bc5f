package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.optim.OptimizerSection;
import dev.cria.optim.Schedule;
import dev.cria.optim.ScheduleSection;
import dev.cria.parallel.ParallelSection;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.train.ComputeType;
import dev.cria.train.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A configuration of instruction tuning: a record a YAML section, with the paper's recipe as the defaults.
 *
 * @param model model to tune; a model directory, a run or {@code hf://OWNER/MODEL}
 * @param tokenizer tokenizer of the rows; {@code auto} (the model directory's), {@code gpt2}, or a directory with
 *     tokenizer.json
 * @param out run directory; a path that does not hold a run yet
 * @param kernels which kernels compute: {@code fastest} has non-deterministic sums on GPUs, {@code reference} is the plain
 *     ones that the others are tested against
 * @param seed random seed of new adapters and of shuffling; a whole number
 * @param device where to compute; {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 */
public record TuningRecipe(
        String model,
        String tokenizer,
        String out,
        Lora lora,
        Data data,
        Batch batch,
        OptimizerSection optimizer,
        ScheduleSection schedule,
        Precision precision,
        ParallelSection parallel,
        Recipe.Checkpoint checkpoint,
        Recipe.Log log,
        Kernels.Choice kernels,
        Recipe.Guard guard,
        long seed,
        String device) {

    /** The paper's recipe. */
    public static TuningRecipe defaults() {
        return new TuningRecipe(
                "",
                "auto",
                "runs/tuned",
                new Lora(128, 16, 0, Lora.ALL_TARGETS),
                new Data(List.of(), List.of(), "vicuna_v1.1", LossOn.RESPONSE, 1024, true, false),
                new Batch(32, 16),
                new OptimizerSection(
                        OptimizerSection.Kind.ADAMW,
                        List.of(0.9, 0.999),
                        1e-8,
                        0,
                        1.0,
                        OptimizerSection.State.INT8,
                        OptimizerSection.USUAL_MOMENTUM,
                        Optional.empty()),
                new ScheduleSection(ScheduleSection.Kind.LINEAR, 5e-5, 0, 5, 400, 0),
                new Precision(Recipe.Compute.AUTO, Base.AUTO, Recipe.Recompute.NONE),
                ParallelSection.USUAL,
                new Recipe.Checkpoint(50, 3, 0, List.of(), false, false, true),
                new Recipe.Log(true, false, false),
                Kernels.Choice.AUTO,
                new Recipe.Guard(3, 6.0),
                1337,
                "auto");
    }

    /** The recipe of the run that an adapter lies in; none where it lies elsewhere. */
    static Optional<TuningRecipe> besideAdapter(Path adapter) {
        Path config = adapter.toAbsolutePath().resolveSibling("config.yaml");
        try {
            return Files.isRegularFile(config)
                    ? Optional.of(ConfigFile.read(config, defaults(), List.of()))
                    : Optional.empty();
        } catch (RequestException _) {
            // A file of that name which is another program's.
            return Optional.empty();
        }
    }

    /**
     * Which rows, and how they become tokens.
     *
     * @param files files of rows; paths of JSON lists or JSON Lines
     * @param weights how much of a round comes from each file, relative to one another; numbers above 0, one a file, or
     *     none to have each row once
     * @param template prompt template; {@code vicuna_v1.1}, {@code vicuna_v1.1_newlines} or {@code chat_template}
     * @param lossOn tokens that are learned: the response and its end, or all
     * @param maxLength maximum tokens of a row, of which longer ones lose their end; at least 2
     * @param shuffle whether each round over the rows has a new order; otherwise they come as in the files
     * @param packing whether several rows share one sequence, without seeing each other
     */
    public record Data(
            List<String> files,
            List<Double> weights,
            String template,
            LossOn lossOn,
            int maxLength,
            boolean shuffle,
            boolean packing) {
        public Data {
            if (!weights.isEmpty() && weights.size() != files.size()
                    || weights.stream().anyMatch(w -> w <= 0)) {
                throw new RequestException(
                        "weights is " + weights + ", not a number above 0 for each of " + files.size() + " files",
                        "--set data.weights=[2, 1] for two files, in the order of data.files");
            }
            if (maxLength < 2) {
                throw new RequestException(
                        "max_length is " + maxLength + ", not at least 2", "--set data.max_length=1024");
            }
        }
    }

    /** On which tokens there is a loss. */
    public enum LossOn {
        RESPONSE,
        ALL
    }

    /**
     * Rows of a step: {@code microBatch} in one forward, so many forwards.
     *
     * @param microBatch rows in one forward; at least 1
     * @param accumulation forwards of a step over all ranks; at least 1
     */
    public record Batch(int microBatch, int accumulation) {
        public Batch {
            if (microBatch < 1 || accumulation < 1) {
                throw new RequestException(
                        "micro_batch is " + microBatch + " and accumulation " + accumulation + ", not both at least 1",
                        "--set batch.micro_batch=32");
            }
        }

        /** Rows of a step. */
        int rows() {
            return Math.multiplyExact(microBatch, accumulation);
        }
    }

    /**
     * The types of activations and of the frozen weights, and what the backward computes again.
     *
     * @param compute type of forward and backward: {@code auto} is bf16 where the machine multiplies it faster
     * @param base type of the frozen weights: {@code auto} is the one computed with, {@code int8} has a scale for each row
     * @param recompute what the backward computes again instead of keeping it, which saves memory and takes time
     */
    public record Precision(Recipe.Compute compute, Base base, Recipe.Recompute recompute) {
        DType compute(Device device) {
            return ComputeType.of(compute, device);
        }

        /** The type in which frozen weights are kept, if it is not the one computed with. */
        Optional<DType> kept(Device device) {
            DType type =
                    switch (base) {
                        case AUTO -> compute(device);
                        case FP32 -> DType.FLOAT32;
                        case BF16 -> DType.BFLOAT16;
                        case INT8 -> DType.INT8;
                    };
            return type == compute(device) ? Optional.empty() : Optional.of(type);
        }
    }

    /** How the frozen weights are kept; auto is as they are computed with. */
    public enum Base {
        AUTO,
        FP32,
        BF16,
        /** 8 bits a weight with a scale for each row. */
        INT8
    }

    /** The order in which rows come. */
    RowOrder order(InstructionData rows) {
        return RowOrder.of(rows.ofEachFile(), data.weights(), data.shuffle(), seed);
    }

    /** Hugging Face's linear schedule, which begins at a rate of 0; the other kinds are pretraining's. */
    Schedule rates() {
        if (schedule.kind() != ScheduleSection.Kind.LINEAR) {
            return Schedule.of(schedule);
        }
        if (schedule.minLearningRate() != 0) {
            throw new RequestException(
                    "schedule.min_learning_rate is " + schedule.minLearningRate()
                            + "; the linear schedule of tuning ends at 0",
                    "--set schedule.min_learning_rate=0, or schedule.kind=cosine");
        }
        return new Schedule.HuggingFaceLinear(schedule.learningRate(), schedule.warmupSteps(), schedule.steps());
    }
}
