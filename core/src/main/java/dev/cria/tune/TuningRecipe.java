package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.train.ComputeType;
import dev.cria.train.Recipe;
import dev.cria.train.Schedule;
import dev.cria.train.ScheduleSection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A configuration of instruction tuning: a record a YAML section, with the paper's recipe as the defaults.
 *
 * @param model the directory of the model that is tuned, or a run
 * @param tokenizer {@code auto}: the model directory's; {@code gpt2}, or a directory with tokenizer.json
 * @param out the run directory
 * @param kernels {@code auto} or {@code reference}
 * @param seed of new adapters and of shuffling
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 */
public record TuningRecipe(
        String model,
        String tokenizer,
        String out,
        Lora lora,
        Data data,
        Batch batch,
        Recipe.Optimizer optimizer,
        ScheduleSection schedule,
        Precision precision,
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
                new Data(List.of(), "vicuna_v1.1", LossOn.RESPONSE, 1024, true, false),
                new Batch(32, 16),
                new Recipe.Optimizer(List.of(0.9, 0.999), 1e-8, 0, 1.0, Recipe.State.INT8),
                new ScheduleSection(ScheduleSection.Kind.LINEAR, 5e-5, 0, 5, 400),
                new Precision(Recipe.Compute.AUTO, Base.AUTO, Recipe.Recompute.NONE),
                new Recipe.Checkpoint(50, 3, 0, true),
                new Recipe.Log(true, false),
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
     * @param files JSON lists or JSON lines of rows
     * @param template {@code vicuna_v1.1}, {@code vicuna_v1.1_newlines} or {@code chat_template}
     * @param maxLength tokens of a row; longer ones lose their end
     * @param shuffle a new order for each round over the rows; else that of the files
     * @param packing several rows one after the other in one, without seeing each other
     */
    public record Data(
            List<String> files, String template, LossOn lossOn, int maxLength, boolean shuffle, boolean packing) {
        public Data {
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
     * @param accumulation forwards of a step over all ranks
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

    /** The types of activations and of the frozen weights, and what the backward computes again. */
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
