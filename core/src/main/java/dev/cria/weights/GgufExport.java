package dev.cria.weights;

import dev.cria.format.GgufWriter;
import dev.cria.format.GgufWriter.Type;
import dev.cria.model.Gguf;
import dev.cria.model.ModelConfig;
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
        Gguf gguf = config.gguf();
        String family = gguf.architecture();
        keys.put("general.architecture", family);
        keys.put("general.name", String.valueOf(file.getFileName()).replace(".gguf", ""));
        keys.put("general.quantization_version", 2);
        keys.put("general.file_type", fileType());
        keys.put(family + ".block_count", config.layers());
        keys.put(family + ".context_length", config.positions());
        keys.put(family + ".embedding_length", config.hiddenSize());
        keys.put(family + ".vocab_size", vocabulary);
        keys.put(family + ".attention.head_count", config.heads().heads());
        gguf.keys().forEach((key, value) -> keys.put(family + "." + key, value));
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
        Gguf gguf = model.config().gguf();
        if (gguf.tiedHeadAsTensor()) {
            GgufWriter.Tensor head = tensor(model.parts().getFirst());
            tensors.add(new GgufWriter.Tensor("output.weight", head.type(), head.shape(), head.bytes()));
        }
        gguf.vectors().forEach((name, numbers) -> tensors.add(vector(name, numbers)));
        return tensors;
    }

    private GgufWriter.Tensor tensor(Part part) {
        long[] shape = part.shape().stream().mapToLong(Long::longValue).toArray();
        if (model.config().isVocabulary(part)) {
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
     * The rows of query and key projections, and their biases, as llama.cpp wants them: where it rotates neighbours and Hugging Face
     * halves, each head's rows are dealt out alternately. The caller closes the tensor.
     */
    private Tensor ordered(Part part, Tensor rows) {
        boolean query = part.name().contains("self_attn.q_proj.");
        boolean key = part.name().contains("self_attn.k_proj.");
        if (!model.config().gguf().interleavesHeads() || !query && !key) {
            return rows.retain();
        }
        int headDim = model.config().heads().headDim();
        int half = headDim / 2;
        Tensor ordered = Tensor.empty(DType.FLOAT32, Device.CPU, rows.shape());
        long rowBytes = rows.elements() / rows.size(0) * Float.BYTES;
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

    private static GgufWriter.Tensor vector(String name, float[] numbers) {
        long[] shape = {numbers.length};
        return new GgufWriter.Tensor(name, Type.F32, shape, sink -> sink.write(MemorySegment.ofArray(numbers)));
    }
}
