package dev.cria.model;

import dev.cria.format.GgufWriter;
import dev.cria.format.GgufWriter.Type;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import dev.cria.tokenizer.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a model as a GGUF file that llama.cpp and its kin load: vectors in float32, matrices in the type asked for,
 * the tokenizer inside.
 *
 * @see "llama.cpp, convert_hf_to_gguf.py"
 */
public final class GgufExport {
    private final StoredModel model;
    private final Type type;
    private final int vocabulary;

    private GgufExport(StoredModel model, Type type, int vocabulary) {
        this.model = model;
        this.type = type;
        this.vocabulary = vocabulary;
    }

    /** Writes the file. */
    public static void write(Path runOrModel, Path file, Type type, ModelExport.Vocabulary vocabulary) {
        Path source = ModelPlace.of(runOrModel);
        try (StoredModel model = StoredModel.open(source)) {
            Optional<Tokenizer> tokenizer = ModelExport.tokenizer(source);
            int rows = ModelExport.rows(vocabulary, model.config(), tokenizer);
            GgufExport export = new GgufExport(model, type, rows);
            Map<String, Object> keys = new LinkedHashMap<>(export.keys(file));
            tokenizer.ifPresent(t -> keys.putAll(GgufTokenizer.keys(t, rows)));
            GgufWriter.write(file, keys, export.tensors());
        }
    }

    private Map<String, Object> keys(Path file) {
        ModelConfig config = model.config();
        Map<String, Object> keys = new LinkedHashMap<>();
        String family = config instanceof LlamaConfig ? "llama" : "gpt2";
        keys.put("general.architecture", family);
        keys.put("general.name", String.valueOf(file.getFileName()).replace(".gguf", ""));
        keys.put("general.quantization_version", 2);
        keys.put("general.file_type", fileType());
        keys.put(family + ".block_count", config.layers());
        keys.put(family + ".context_length", config.positions());
        keys.put(family + ".embedding_length", config.hiddenSize());
        keys.put(family + ".vocab_size", vocabulary);
        keys.put(family + ".attention.head_count", config.heads().heads());
        switch (config) {
            case LlamaConfig llama -> {
                keys.put("llama.feed_forward_length", llama.intermediateSize());
                keys.put("llama.attention.head_count_kv", llama.numKeyValueHeads());
                keys.put("llama.attention.key_length", llama.headDim());
                keys.put("llama.attention.value_length", llama.headDim());
                keys.put("llama.attention.layer_norm_rms_epsilon", (float) llama.rmsNormEps());
                keys.put("llama.rope.dimension_count", llama.headDim());
                keys.put("llama.rope.freq_base", (float) llama.ropeTheta());
                if (llama.ropeScaling() instanceof RopeScaling.Linear(double factor)) {
                    keys.put("llama.rope.scaling.type", "linear");
                    keys.put("llama.rope.scaling.factor", (float) factor);
                }
            }
            case Gpt2Config gpt2 -> {
                keys.put("gpt2.feed_forward_length", gpt2.nInner());
                keys.put("gpt2.attention.layer_norm_epsilon", (float) gpt2.layerNormEpsilon());
            }
        }
        return keys;
    }

    private int fileType() {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case Q8_0 -> 7;
            case BF16 -> 32;
        };
    }

    private List<GgufWriter.Tensor> tensors() {
        List<GgufWriter.Tensor> tensors = new ArrayList<>();
        for (Part part : model.parts()) {
            tensors.add(tensor(part));
        }
        if (model.config() instanceof Gpt2Config) {
            // llama.cpp of 2025 still wants the tied head as a tensor of its own.
            Part table = model.part("transformer.wte.weight");
            GgufWriter.Tensor head = tensor(table);
            tensors.add(new GgufWriter.Tensor("output.weight", head.type(), head.shape(), head.bytes()));
        }
        if (model.config() instanceof LlamaConfig llama && llama.ropeScaling() instanceof RopeScaling.Llama3 scaling) {
            tensors.add(ropeFactors(llama, scaling));
        }
        return tensors;
    }

    private GgufWriter.Tensor tensor(Part part) {
        long[] shape = part.shape().stream().mapToLong(Long::longValue).toArray();
        if (ModelExport.isVocabulary(part)) {
            shape[0] = vocabulary;
        }
        Type stored = stored(shape);
        return new GgufWriter.Tensor(GgufNames.of(part.name()), stored, shape, sink -> {
            try (Tensor floats = model.floats(part);
                    Tensor kept = floats.rows(0, shape[0]);
                    Tensor ordered = ordered(part, kept)) {
                sink.write(converted(ordered, stored));
            }
        });
    }

    /** Vectors are small and sensitive; rows that are no multiple of a block have no blocks. */
    private Type stored(long[] shape) {
        if (shape.length == 1) {
            return Type.F32;
        }
        return shape[1] % type.blockElements() == 0 ? type : Type.F16;
    }

    private static MemorySegment converted(Tensor floats, Type type) {
        return switch (type) {
            case F32 -> MemorySegment.ofArray(floats.toFloats());
            case F16 -> bytes(floats, DType.FLOAT16);
            case BF16 -> bytes(floats, DType.BFLOAT16);
            case Q8_0 -> Q8Blocks.of(floats.toFloats());
        };
    }

    private static MemorySegment bytes(Tensor floats, DType dtype) {
        try (Tensor made = floats.to(dtype)) {
            return MemorySegment.ofArray(made.segment().toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /**
     * The rows of a LLaMA's query and key projections as llama.cpp wants them: it rotates neighbours (2j, 2j+1) where
     * Hugging Face rotates halves (j, j + headDim/2), so each head's rows are dealt out alternately. The caller closes
     * the tensor.
     */
    private Tensor ordered(Part part, Tensor rows) {
        boolean query = part.name().endsWith("self_attn.q_proj.weight");
        boolean key = part.name().endsWith("self_attn.k_proj.weight");
        if (!query && !key) {
            return rows.retain();
        }
        int headDim = model.config().heads().headDim();
        int half = headDim / 2;
        Tensor ordered = Tensor.empty(DType.FLOAT32, Device.CPU, rows.shape());
        long rowBytes = rows.size(1) * Float.BYTES;
        MemorySegment from = rows.segment();
        MemorySegment to = ordered.segment();
        for (long row = 0; row < rows.size(0); row++) {
            long head = row / headDim;
            long within = row % headDim;
            long source = head * headDim + (within % 2) * half + within / 2;
            MemorySegment.copy(from, source * rowBytes, to, row * rowBytes, rowBytes);
        }
        return ordered;
    }

    /** By how much Llama 3.1's scaling divides each frequency. */
    private static GgufWriter.Tensor ropeFactors(LlamaConfig llama, RopeScaling.Llama3 scaling) {
        int half = llama.headDim() / 2;
        float[] factors = new float[half];
        for (int i = 0; i < half; i++) {
            double frequency = Math.pow(llama.ropeTheta(), -2.0 * i / llama.headDim());
            factors[i] = (float) (frequency / scaling.scale(frequency));
        }
        return new GgufWriter.Tensor(
                "rope_freqs.weight", Type.F32, new long[] {half}, sink -> sink.write(MemorySegment.ofArray(factors)));
    }
}
