package dev.cria.weights;

import dev.cria.WorkException;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.TensorEntry;
import dev.cria.format.TensorSource;
import dev.cria.model.ModelConfig;
import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.nn.Parameters;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Parameters in safetensors files, part by part, so that nothing but one part is ever in memory twice.
 *
 * @param transposed which parts stand as [in, out] in the file
 */
public record TensorFiles(Predicate<Part> transposed) {
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    /** The files of a model. */
    public static TensorFiles of(ModelConfig config) {
        return new TensorFiles(config::isStoredTransposed);
    }

    /** Files that hold every matrix as [out, in]. */
    public static TensorFiles untransposed() {
        return new TensorFiles(_ -> false);
    }

    /**
     * Fills what {@code select} picks of every parameter from {@code STEM.safetensors} or its shards.
     *
     * @param rename from a part's name to the name in the file
     */
    public void read(
            Path directory,
            String stem,
            Parameters parameters,
            Function<Parameter, Tensor> select,
            UnaryOperator<String> rename) {
        try (var files = SafetensorsDirectory.open(directory, stem)) {
            parameters.forEachPart(
                    select, (part, target) -> read(files, directory, rename.apply(part.name()), part, target));
        }
    }

    /** Fills what {@code select} picks of the parameters that this rank moves. */
    public void readOwn(Path directory, String stem, Parameters parameters, Function<Parameter, Tensor> select) {
        try (var files = SafetensorsDirectory.open(directory, stem)) {
            parameters.forEachOwnPart(select, (part, target) -> read(files, directory, part.name(), part, target));
        }
    }

    private void read(SafetensorsDirectory files, Path directory, String name, Part part, Tensor target) {
        TensorEntry entry = find(files, name, directory);
        long[] stored = storedShape(part);
        if (!Arrays.equals(entry.shape(), stored)) {
            throw new WorkException(
                    directory + ": " + name + " has shape " + Arrays.toString(entry.shape())
                            + " where config.json makes it " + Arrays.toString(stored),
                    "take config.json and the weights from the same model");
        }
        DType dtype = StorageTypes.dtype(entry.type(), name);
        try (Tensor source = Tensor.over(files.data(entry.name()), dtype, entry.shape())) {
            copy(source, target, part);
        }
    }

    /** The entry of a name; GPT-2's first release names its tensors without the model's prefix. */
    static TensorEntry find(SafetensorsDirectory files, String name, Path directory) {
        return files.find(name)
                .or(() -> files.find(name.replaceFirst("^transformer\\.", "")))
                .orElseThrow(() -> new WorkException(
                        directory + " has no tensor " + name, "take config.json and the weights from the same model"));
    }

    /** Copies a part as it is stored to where it is computed with. */
    void copy(Tensor source, Tensor target, Part part) {
        if (transposed.test(part)) {
            try (Tensor transposed = source.transposed()) {
                target.copyFrom(transposed);
            }
        } else {
            target.copyFrom(source);
        }
    }

    long[] storedShape(Part part) {
        long[] shape = part.shape().stream().mapToLong(Long::longValue).toArray();
        return transposed.test(part) ? new long[] {shape[1], shape[0]} : shape;
    }

    /**
     * Writes what {@code select} picks of every parameter, or, where ranks share them, makes room for it, which every rank
     * is to {@link #fill}; the files written, the index last.
     */
    public List<Path> write(
            Path directory, String stem, Parameters parameters, Function<Parameter, Tensor> select, DType dtype) {
        List<TensorSource> sources = sources(parameters, select, dtype, UnaryOperator.identity());
        if (parameters.storage().sharing().isShared()) {
            return SafetensorsWriter.makeRoom(directory, stem, sources, METADATA, SafetensorsWriter.SHARD_BYTES);
        }
        return SafetensorsWriter.writeDirectory(directory, stem, sources, METADATA, SafetensorsWriter.SHARD_BYTES);
    }

    /** Writes this rank's parameters into the files that {@link #write} has made room in. */
    public void fill(
            Path directory, String stem, Parameters parameters, Function<Parameter, Tensor> select, DType dtype) {
        List<TensorSource> sources = sources(parameters, select, dtype, UnaryOperator.identity());
        SafetensorsWriter.fill(directory, stem, sources, SafetensorsWriter.SHARD_BYTES);
    }

    /** The SHA-256 of each file that {@link #write} would write, for which {@code select} has the numbers of all parameters. */
    public List<String> hashes(Parameters parameters, Function<Parameter, Tensor> select, DType dtype) {
        List<TensorSource> sources = sources(parameters, _ -> false, select, dtype, UnaryOperator.identity());
        return SafetensorsWriter.hashes(sources, METADATA, SafetensorsWriter.SHARD_BYTES);
    }

    /** One source for each part; its bytes are made when their turn comes, by the rank that moves the parameter. */
    public List<TensorSource> sources(
            Parameters parameters, Function<Parameter, Tensor> select, DType dtype, UnaryOperator<String> rename) {
        return sources(parameters, parameters::isElsewhere, select, dtype, rename);
    }

    private List<TensorSource> sources(
            Parameters parameters,
            Predicate<Parameter> elsewhere,
            Function<Parameter, Tensor> select,
            DType dtype,
            UnaryOperator<String> rename) {
        List<TensorSource> sources = new ArrayList<>();
        for (Parameter parameter : parameters.list()) {
            long row = 0;
            for (Part part : parameter.spec().parts()) {
                long first = row;
                row += part.shape().getFirst();
                if (elsewhere.test(parameter)) {
                    sources.add(TensorSource.elsewhere(
                            rename.apply(part.name()), StorageTypes.of(dtype), storedShape(part)));
                    continue;
                }
                sources.add(TensorSource.streamed(
                        rename.apply(part.name()), StorageTypes.of(dtype), storedShape(part), sink -> {
                            try (Tensor stored = stored(select.apply(parameter), first, part, dtype)) {
                                sink.write(stored.segment());
                            }
                        }));
            }
        }
        return sources;
    }

    /** A part as it stands in the file: a view where it already is so, a copy where it is not. */
    private Tensor stored(Tensor whole, long firstRow, Part part, DType dtype) {
        try (Tensor view = whole.rows(firstRow, part.shape().getFirst())) {
            boolean asItIs = !transposed.test(part)
                    && whole.dtype() == dtype
                    && whole.device().isCpu();
            if (asItIs) {
                return view.retain();
            }
            Tensor made = Tensor.empty(dtype, Device.CPU, storedShape(part));
            Optional<Tensor> other = transposed.test(part) ? Optional.of(view.transposed()) : Optional.empty();
            made.copyFrom(other.orElse(view));
            other.ifPresent(Tensor::close);
            return made;
        }
    }
}
