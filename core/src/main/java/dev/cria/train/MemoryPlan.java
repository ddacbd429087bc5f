package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.model.LayerActivations;
import dev.cria.model.ModelConfig;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.Shard;
import dev.cria.nn.Sharing;
import dev.cria.optim.Optimizer;
import dev.cria.optim.OptimizerSection;
import dev.cria.parallel.GradientSync;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Threads;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The memory of a training by part, computed from shapes alone: what {@link dev.cria.nn.Parameters}, the {@link Optimizer} and
 * the tape allocate. The sum is an upper bound, for the head's logits and a layer's gradients never exist together.
 *
 * @param parts on the device that computes
 * @param snapshot bytes of the copy that a checkpoint in the background is written from, in the host's memory
 * @param checkpoint bytes of a checkpoint on the disk
 * @param weightsOnDisk bytes of a checkpoint without the optimizer's moments
 * @param activationsKept bytes of activations with nothing computed twice
 * @param activationsRecomputed the same with {@code precision.recompute: blocks}
 */
public record MemoryPlan(
        List<Part> parts,
        long snapshot,
        long checkpoint,
        long weightsOnDisk,
        long activationsKept,
        long activationsRecomputed) {
    private static final int ID_BYTES = Long.BYTES;

    /** What CUDA takes for itself: the driver's context, kernels, and the workspace of cuBLAS. */
    private static final long CUDA_BYTES = 700_000_000;

    public MemoryPlan {
        parts = List.copyOf(parts);
    }

    /** A use of memory. */
    public record Part(String name, long bytes, String why) {}

    /** Bytes on the device. */
    public long total() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    /**
     * Bytes that the training needs of the memory it computes in.
     *
     * @param process bytes of the JVM and its libraries
     */
    public long needed(Device device, long process) {
        return total() + (device.isCpu() ? onHost(process) : 0);
    }

    /** Bytes of main memory besides the parts. */
    long onHost(long process) {
        return process + snapshot;
    }

    /**
     * Refuses a training that a device's memory cannot hold.
     *
     * @param ranks that share this machine
     */
    void requireFit(Recipe recipe, Device device, int ranks) {
        int sharing = device.isCpu() ? ranks : 1;
        double memory = MachineMemory.total(device) / sharing;
        long need = needed(device, MachineMemory.process());
        if (need > memory) {
            String largest = parts.stream()
                    .sorted(Comparator.comparingLong(Part::bytes).reversed())
                    .limit(3)
                    .map(part -> part.name() + " " + size(part.bytes()))
                    .collect(Collectors.joining(", "));
            throw new RequestException(
                    "the training needs %s of memory%s and %s has %s: %s, …; ./cria plan shows all"
                            .formatted(
                                    size(need),
                                    sharing == 1 ? "" : " on each of " + sharing + " ranks",
                                    device.isCpu() ? "this machine" : device,
                                    size(memory) + (sharing == 1 ? "" : " for each"),
                                    largest),
                    remedy(recipe, memory) + "; or --force to start anyway");
        }
    }

    /** The changes that save memory, those that cost nothing but time first. */
    String remedy(Recipe recipe, double room) {
        List<String> changes = new ArrayList<>();
        long saved = activationsKept - activationsRecomputed;
        if (recipe.precision().recompute() == Recipe.Recompute.NONE) {
            changes.add("precision.recompute=blocks");
        } else {
            saved = 0;
        }
        boolean stillShort = total() - saved > room;
        if (stillShort && recipe.optimizer().state() == OptimizerSection.State.FP32) {
            changes.add("optimizer.state=int8");
        }
        if (stillShort && recipe.precision().gradients() == Recipe.Gradients.FP32) {
            changes.add("precision.gradients=bf16");
        }
        if (stillShort && recipe.parallel().shard() != Shard.GRADIENTS) {
            changes.add("parallel.shard=gradients on several ranks");
        }
        String sets = changes.stream().map(change -> "--set " + change).collect(Collectors.joining(" "));
        return (sets.isEmpty() ? "" : sets + ", or ") + "a smaller batch.micro_batch or model";
    }

    static String size(double bytes) {
        return bytes >= 1e9 ? "%.1f GB".formatted(bytes / 1e9) : "%.1f MB".formatted(bytes / 1e6);
    }

    /** The plan for a recipe's training of a model on one rank. */
    public static MemoryPlan of(ModelConfig config, Recipe recipe, Device device) {
        return of(config, recipe, device, 1);
    }

    /** The plan for one of several ranks, the one that has most of what they share. */
    public static MemoryPlan of(ModelConfig config, Recipe recipe, Device device, int ranks) {
        DType compute = ComputeType.of(recipe.precision().compute(), device);
        DType gradient = ComputeType.of(recipe.precision().gradients());
        int master = compute.accumulation().bytes();
        Shard shard = recipe.parallel().shard();
        List<ParameterSpec> own = own(config.parameterSpecs(), Sharing.of(shard, 0, ranks));
        long weights = config.parameterCount();
        long matrices = elements(config.parameterSpecs(), ParameterSpec::isMatrix);
        boolean narrowed = compute.accumulation() != compute;
        long masters = narrowed ? weights - matrices + elements(own, ParameterSpec::isMatrix) : weights;
        long largest = config.parameterSpecs().stream()
                .mapToLong(ParameterSpec::elements)
                .max()
                .orElseThrow();
        long moments = Optimizer.plannedBytes(recipe.optimizer(), own, compute.accumulation());
        long ownElements = elements(own, _ -> true);
        boolean passing = shard == Shard.GRADIENTS && ranks > 1;
        long summed = (passing ? ownElements : weights) * gradient.bytes();
        long each = Math.max(1, recipe.batch().microBatches() / ranks);
        var shape = Activations.of(config, compute, recipe.batch());
        boolean blocks = recipe.precision().recompute() == Recipe.Recompute.BLOCKS;
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("weights", masters * master, "fp32, which the optimizer moves"));
        if (narrowed) {
            parts.add(new Part("compute copies", matrices * compute.bytes(), "matrices as they are multiplied"));
        }
        parts.add(new Part("gradients", summed, "precision.gradients"));
        if (passing) {
            // A table that is also the head has one from the backward's beginning to its end.
            long most = 2 * largest * gradient.bytes();
            parts.add(new Part("passing gradients", most, "until they are sent to the rank that owns them"));
        }
        int partialSums = recipe.parallel().partialSums(each, ranks);
        if (partialSums > 0) {
            parts.add(new Part("partial sums", partialSums * summed, "of a rank's %,d micro-batches".formatted(each)));
        }
        long exchange = GradientSync.plannedExchange(recipe.parallel(), ranks);
        if (exchange > 0) {
            parts.add(new Part("exchange", Math.min(exchange, (1 + ranks) * summed), "on its way between ranks"));
        }
        parts.add(new Part("moments", moments, "optimizer.state"));
        int threads = device.isCpu() ? Threads.ofThisProcess().count() : 1;
        long updates = Optimizer.plannedScratch(recipe.optimizer(), own, compute, compute.accumulation(), threads);
        if (updates > 0) {
            parts.add(new Part("updates", updates, "matrices that Muon orthogonalises side by side"));
        }
        long moved = ranks == 1 || shard == Shard.NONE ? weights : ownElements;
        long averaged = recipe.ema().isOn() ? weights * master : 0;
        long average = recipe.ema().isOn() ? moved * master : 0;
        if (average > 0) {
            parts.add(new Part("average", average, "ema.decay"));
        }
        parts.add(new Part(
                "activations",
                blocks ? shape.recomputed() : shape.kept(),
                "one micro-batch of " + recipe.batch().microBatch() + " rows"));
        parts.add(new Part("backward", shape.backward(), "gradients inside a layer"));
        parts.add(new Part("head", logits(config, compute, recipe.batch(), device), "a chunk of the logits"));
        parts.add(
                device.isCpu()
                        ? new Part("packing", largest * compute.bytes(), "a matrix in the order that a product reads")
                        : new Part("CUDA itself", CUDA_BYTES, "driver and cuBLAS, about"));
        long written = moved * master + moments + average;
        return new MemoryPlan(
                parts,
                recipe.checkpoint().async() ? written : 0,
                weights * master
                        + averaged
                        + Optimizer.plannedBytes(recipe.optimizer(), config.parameterSpecs(), compute.accumulation()),
                weights * master + averaged,
                shape.kept(),
                shape.recomputed());
    }

    /** What the rank with most has of the parameters. */
    private static List<ParameterSpec> own(List<ParameterSpec> specs, Sharing sharing) {
        int[] owners = sharing.owners(specs);
        return IntStream.range(0, sharing.ranks())
                .mapToObj(rank -> IntStream.range(0, owners.length)
                        .filter(i -> owners[i] == rank)
                        .mapToObj(specs::get)
                        .toList())
                .max(Comparator.comparingLong(part -> elements(part, _ -> true)))
                .orElseThrow();
    }

    private static long elements(List<ParameterSpec> specs, Predicate<ParameterSpec> which) {
        return specs.stream().filter(which).mapToLong(ParameterSpec::elements).sum();
    }

    private static long logits(ModelConfig config, DType compute, Recipe.Batch batch, Device device) {
        long rows = (long) batch.microBatch() * batch.sequenceLength();
        long row = (long) config.vocabSize() * compute.bytes();
        return Math.min(rows * row, Math.max(row, Kernels.headBytes(device)));
    }

    /**
     * Bytes that the tape holds.
     *
     * @param kept when all of the forward is kept for the backward
     * @param recomputed when of each layer only its input is kept, and one layer's forward is run again
     * @param backward gradients inside the layer that the backward is at
     */
    private record Activations(long kept, long recomputed, long backward) {

        static Activations of(ModelConfig config, DType compute, Recipe.Batch batch) {
            long rows = (long) batch.microBatch() * batch.sequenceLength();
            long hidden = config.hiddenSize();
            long narrow = compute.bytes();
            long wide = compute.accumulation().bytes();
            LayerActivations layer = config.layerActivations();
            long inLayer = layer.activations() * narrow + layer.statistics() * wide;
            // Embedding, last norm and the head's gradient; the norm's scale and the losses; ids, targets, positions.
            long outside = 3 * hidden * narrow + 2 * wide + 3 * ID_BYTES;
            long kept = rows * (config.layers() * inLayer + outside);
            long recomputed = rows * (config.layers() * hidden * narrow + inLayer + outside);
            return new Activations(kept, recomputed, rows * (layer.gradients() * narrow));
        }
    }
}
