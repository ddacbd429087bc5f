package dev.cria.nn;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A model's weights, each kind of number in one flat piece of memory, so that gradients are zeroed, summed over ranks
 * and measured in one go. Owns that memory.
 */
public final class Parameters implements AutoCloseable {
    /** Elements to which each parameter is aligned: 64 bytes of the smallest type. */
    private static final long ALIGNMENT = 64;

    private final Storage storage;
    private final List<Parameter> list;
    private final Optional<Tensor> gradients;
    private final List<Tensor> owned;
    private final Runnable afterwards;

    /**
     * Which numbers are kept, and in which types.
     *
     * @param compute the type of matrices in the forward; vectors are in its accumulation type
     * @param master true where the optimizer needs the weights in the accumulation type
     * @param gradient the type of gradients; none where nothing is trained
     * @param sharing which masters and gradients this process keeps
     */
    public record Storage(DType compute, Masters master, Optional<DType> gradient, Sharing sharing) {
        public static Storage inference(DType compute) {
            return new Storage(compute, Masters.NONE, Optional.empty(), Sharing.NONE);
        }

        public static Storage training(DType compute, DType gradient) {
            return new Storage(compute, Masters.KEPT, Optional.of(gradient), Sharing.NONE);
        }

        /** The same of which this process keeps its part. */
        public Storage shared(Sharing part) {
            return new Storage(compute, master, gradient, part);
        }
    }

    /** Whether weights are kept in full precision beside the type that is computed with. */
    public enum Masters {
        KEPT,
        NONE
    }

    private Parameters(
            Storage storage,
            List<Parameter> list,
            Optional<Tensor> gradients,
            List<Tensor> owned,
            Runnable afterwards) {
        this.storage = storage;
        this.list = List.copyOf(list);
        this.gradients = gradients;
        this.owned = owned;
        this.afterwards = afterwards;
    }

    /**
     * Weights for inference over memory of another kind, such as a mapped file, which nothing may write to. Takes the
     * tensors over.
     *
     * @param values one for each specification
     * @param afterwards gives that memory back, once the tensors are closed
     */
    public static Parameters over(List<ParameterSpec> specs, DType compute, List<Tensor> values, Runnable afterwards) {
        List<Parameter> list = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            list.add(new Parameter(specs.get(i), values.get(i), Optional.empty(), Optional.empty(), Optional.empty()));
        }
        return new Parameters(Storage.inference(compute), list, Optional.empty(), List.copyOf(values), afterwards);
    }

    /** Allocates all memory; the weights are undefined, the gradients zero. */
    public static Parameters allocate(List<ParameterSpec> specs, Device device, Storage storage) {
        DType wide = storage.compute().accumulation();
        long matrices = flatElements(specs, Kind.MATRICES);
        long vectors = flatElements(specs, Kind.VECTORS);
        List<Tensor> owned = new ArrayList<>();
        boolean split = storage.compute() != wide;
        Tensor matrixValues = keep(values(storage, storage.compute(), device, matrices), owned);
        Tensor vectorValues = keep(values(storage, wide, device, vectors), owned);
        Sharing sharing = storage.sharing();
        int[] owners = sharing.owners(specs);
        boolean[] kept = new boolean[specs.size()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = storage.master() == Masters.KEPT && owners[i] == sharing.rank();
        }
        Tensor matrixMasters = matrixValues;
        if (split && storage.master() == Masters.KEPT) {
            long mine = IntStream.range(0, kept.length)
                    .filter(i -> kept[i] && specs.get(i).isMatrix())
                    .mapToLong(i -> aligned(specs.get(i).elements()))
                    .sum();
            matrixMasters = keep(Tensor.zeros(wide, device, mine), owned);
        }
        boolean passing = sharing.shard() == Shard.GRADIENTS;
        Optional<Tensor> gradients = storage.gradient()
                .filter(_ -> !passing)
                .map(type -> keep(Tensor.zeros(type, device, matrices + vectors), owned));

        List<Parameter> list = new ArrayList<>();
        long matrixAt = 0;
        long vectorAt = 0;
        long masterAt = 0;
        long gradientAt = 0;
        for (int i = 0; i < kept.length; i++) {
            ParameterSpec spec = specs.get(i);
            boolean matrix = spec.isMatrix();
            Tensor value = part(matrix ? matrixValues : vectorValues, matrix ? matrixAt : vectorAt, spec, owned);
            Optional<Tensor> master = Optional.empty();
            long size = aligned(spec.elements());
            if (kept[i]) {
                master = Optional.of(matrix && split ? part(matrixMasters, masterAt, spec, owned) : value);
                masterAt += matrix ? size : 0;
            }
            long gradientStart = gradientAt;
            Optional<Tensor> gradient = gradients.map(g -> part(g, gradientStart, spec, owned));
            list.add(new Parameter(
                    spec, value, master, gradient, storage.gradient().filter(_ -> passing)));
            gradientAt += size;
            matrixAt += matrix ? size : 0;
            vectorAt += matrix ? 0 : size;
        }
        return new Parameters(storage, list, gradients, owned, () -> {});
    }

    /** Padding is zero where the optimizer goes over all; a pass over the memory is saved where nothing is trained. */
    private static Tensor values(Storage storage, DType dtype, Device device, long elements) {
        return storage.gradient().isPresent()
                ? Tensor.zeros(dtype, device, elements)
                : Tensor.empty(dtype, device, elements);
    }

    private enum Kind {
        MATRICES,
        VECTORS
    }

    private static long flatElements(List<ParameterSpec> specs, Kind kind) {
        return specs.stream()
                .filter(s -> s.isMatrix() == (kind == Kind.MATRICES))
                .mapToLong(s -> aligned(s.elements()))
                .sum();
    }

    private static long aligned(long elements) {
        return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static Tensor part(Tensor flat, long start, ParameterSpec spec, List<Tensor> owned) {
        try (Tensor slice = flat.rows(start, spec.elements())) {
            return keep(slice.view(spec.shape()), owned);
        }
    }

    private static Tensor keep(Tensor tensor, List<Tensor> owned) {
        owned.add(tensor);
        return tensor;
    }

    public List<Parameter> list() {
        return list;
    }

    public Storage storage() {
        return storage;
    }

    /** All gradients as one vector, in the order of {@link #list()}, padded with zeros; none where ranks share them. */
    public Optional<Tensor> gradients() {
        if (gradients.isPresent()) {
            list.forEach(Parameter::gradient);
        }
        return gradients;
    }

    /**
     * Makes all gradients zero, before a step. Memory is not touched: the first operation that has a share of a gradient
     * overwrites it, and {@link #gradients()} zeroes those that none has reached.
     */
    public void clearGradients() {
        list.forEach(Parameter::dropGradient);
        list.forEach(Parameter::clearGradient);
    }

    /** The first element of each parameter's gradient in {@link #gradients()}, in the order of {@link #list()}. */
    public long[] gradientStarts() {
        long[] starts = new long[list.size()];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = starts[i - 1] + aligned(list.get(i - 1).elements());
        }
        return starts;
    }

    /** Whether another rank moves a parameter and keeps its master. */
    public boolean isElsewhere(Parameter parameter) {
        return storage.sharing().isShared() && parameter.master().isEmpty();
    }

    /** Those that this rank moves: all, unless ranks share them. */
    public List<Parameter> own() {
        return list.stream().filter(p -> !isElsewhere(p)).toList();
    }

    /** The elements of {@link #gradients()}, padding included. */
    public long gradientElements() {
        return list.stream().mapToLong(p -> aligned(p.elements())).sum();
    }

    /** Weights of the model: the elements of all parameters, without padding. */
    public long elements() {
        return list.stream().mapToLong(Parameter::elements).sum();
    }

    /** The parameter that holds a named tensor. */
    public Parameter withPart(String name) {
        return find(name).orElseThrow(() -> new NoSuchElementException("no parameter is called " + name));
    }

    /** The parameter that holds a named tensor, if there is one. */
    public Optional<Parameter> find(String name) {
        return list.stream()
                .filter(p ->
                        p.spec().parts().stream().anyMatch(part -> part.name().equals(name)))
                .findFirst();
    }

    /**
     * Shows each named part of a kind of numbers, as a view that is valid during the call.
     *
     * @param select what of a parameter is meant: its value, master or gradient
     */
    public void forEachPart(Function<Parameter, Tensor> select, BiConsumer<ParameterSpec.Part, Tensor> action) {
        forEachPart(list, select, action);
    }

    /** The same for the parameters that this rank moves. */
    public void forEachOwnPart(Function<Parameter, Tensor> select, BiConsumer<ParameterSpec.Part, Tensor> action) {
        forEachPart(own(), select, action);
    }

    private static void forEachPart(
            List<Parameter> parameters,
            Function<Parameter, Tensor> select,
            BiConsumer<ParameterSpec.Part, Tensor> action) {
        for (Parameter parameter : parameters) {
            long row = 0;
            for (ParameterSpec.Part part : parameter.spec().parts()) {
                long rows = part.shape().getFirst();
                try (Tensor view = select.apply(parameter).rows(row, rows)) {
                    action.accept(part, view);
                }
                row += rows;
            }
        }
    }

    /** Copies the masters into the type that is computed with, after the optimizer or a loader changed them. */
    public void refreshValues() {
        for (Parameter parameter : list) {
            parameter.master().filter(m -> m != parameter.value()).ifPresent(m -> parameter
                    .value()
                    .copyFrom(m));
        }
    }

    @Override
    public void close() {
        list.forEach(Parameter::dropGradient);
        owned.reversed().forEach(Tensor::close);
        afterwards.run();
    }
}
