package dev.cria.train;

import dev.cria.model.Gpt2Config;
import dev.cria.model.LlamaConfig;
import dev.cria.model.ModelConfig;
import dev.cria.nn.ParameterSpec;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Quantized;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a training by part, computed from shapes alone: what {@link dev.cria.nn.Parameters}, {@link Moments} and
 * the tape allocate. The sum is an upper bound, for the head's logits and a layer's gradients never exist together.
 *
 * @param parts on the device that computes
 * @param snapshot bytes of the copy that a checkpoint in the background is written from, in the host's memory
 * @param checkpoint bytes of a checkpoint on the disk
 * @param activationsKept bytes of activations with nothing computed twice
 * @param activationsRecomputed the same with {@code precision.recompute: blocks}
 */
public record MemoryPlan(
        List<Part> parts, long snapshot, long checkpoint, long activationsKept, long activationsRecomputed) {
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

    /** The plan for a recipe's training of a model. */
    public static MemoryPlan of(ModelConfig config, Recipe recipe, Device device) {
        DType compute = ComputeType.of(recipe.precision().compute(), device);
        DType gradient = ComputeType.of(recipe.precision().gradients());
        int master = compute.accumulation().bytes();
        long weights = config.parameterCount();
        long matrices = config.parameterSpecs().stream()
                .filter(ParameterSpec::isMatrix)
                .mapToLong(ParameterSpec::elements)
                .sum();
        long largest = config.parameterSpecs().stream()
                .mapToLong(ParameterSpec::elements)
                .max()
                .orElseThrow();
        long moments =
                switch (recipe.optimizer().state()) {
                    case FP32 -> 2 * weights * master;
                    case INT8 -> 2 * (weights + Quantized.blocks(weights) * Float.BYTES);
                };
        var shape = Activations.of(config, compute, recipe.batch());
        boolean blocks = recipe.precision().recompute() == Recipe.Recompute.BLOCKS;
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("weights", weights * master, "fp32, which the optimizer moves"));
        if (compute.accumulation() != compute) {
            parts.add(new Part("compute copies", matrices * compute.bytes(), "matrices as they are multiplied"));
        }
        parts.add(new Part("gradients", weights * gradient.bytes(), "precision.gradients"));
        parts.add(new Part("moments", moments, "optimizer.state"));
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
        long saved = weights * master + moments;
        return new MemoryPlan(parts, recipe.checkpoint().async() ? saved : 0, saved, shape.kept(), shape.recomputed());
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
            Layer layer = Layer.of(config);
            long inLayer = layer.activations() * narrow + layer.statistics() * wide;
            // Embedding, last norm and the head's gradient; the norm's scale and the losses; ids, targets, positions.
            long outside = 3 * hidden * narrow + 2 * wide + 3 * ID_BYTES;
            long kept = rows * (config.layers() * inLayer + outside);
            long recomputed = rows * (config.layers() * hidden * narrow + inLayer + outside);
            return new Activations(kept, recomputed, rows * (layer.gradients() * narrow));
        }
    }

    /**
     * Numbers that a layer keeps for each row of the batch.
     *
     * @param activations in the type that is computed with
     * @param statistics in its accumulation type: scales of norms, and each head's log-sum-exp
     * @param gradients of activations that exist together where a layer's backward needs most
     */
    private record Layer(long activations, long statistics, long gradients) {

        static Layer of(ModelConfig config) {
            long hidden = config.hiddenSize();
            long attended = config.heads().width();
            long qkv = attended + 2L * config.heads().kvWidth();
            return switch (config) {
                // Norms, projections of attention and feed-forward; sums and rotations lie in their inputs' memory.
                case LlamaConfig llama -> {
                    long inner = llama.intermediateSize();
                    long heads = llama.numAttentionHeads();
                    yield new Layer(4 * hidden + qkv + attended + 3 * inner, 2 + heads, hidden + 3 * inner);
                }
                case Gpt2Config gpt2 -> {
                    long inner = gpt2.nInner();
                    yield new Layer(4 * hidden + qkv + attended + 2 * inner, 4 + gpt2.nHead(), hidden + 2 * inner);
                }
            };
        }
    }
}
