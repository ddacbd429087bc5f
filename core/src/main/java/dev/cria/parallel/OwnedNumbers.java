package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.tensor.DType;
import dev.cria.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What only the owner of a parameter has of it, such as its master, on all ranks: one parameter at a time, so that no rank
 * ever holds two that are not its own. All ranks must ask for the same parameters in the same order.
 */
public final class OwnedNumbers implements AutoCloseable {
    private final Ranks ranks;
    private final Function<Parameter, Tensor> own;
    private final boolean shared;
    private final DType type;
    private final Map<Parameter, Integer> owners = new IdentityHashMap<>();
    private Optional<Parameter> shown = Optional.empty();
    private Optional<Tensor> received = Optional.empty();

    /** @param own what this rank has, in the masters' type: of its parameters, or of all where ranks do not share them */
    public OwnedNumbers(Parameters parameters, Ranks ranks, Function<Parameter, Tensor> own) {
        this.ranks = ranks;
        this.own = own;
        this.shared = parameters.storage().sharing().isShared();
        this.type = parameters.storage().compute().accumulation();
        int[] byPlace = parameters
                .storage()
                .sharing()
                .owners(parameters.list().stream().map(Parameter::spec).toList());
        for (int i = 0; i < byPlace.length; i++) {
            owners.put(parameters.list().get(i), byPlace[i]);
        }
    }

    /** The numbers of a parameter, which may be read until those of another one are asked for. */
    public Tensor of(Parameter parameter) {
        if (!shared) {
            return own.apply(parameter);
        }
        int owner = owners.getOrDefault(parameter, 0);
        boolean mine = owner == ranks.rank();
        if (shown.filter(p -> p == parameter).isEmpty()) {
            close();
            Tensor numbers = mine
                    ? own.apply(parameter)
                    : Tensor.empty(
                            type, parameter.value().device(), parameter.value().shape());
            received = mine ? Optional.empty() : Optional.of(numbers);
            ranks.beginBroadcast(numbers, owner).await();
            shown = Optional.of(parameter);
        }
        return received.orElseGet(() -> own.apply(parameter));
    }

    @Override
    public void close() {
        received.ifPresent(Tensor::close);
        received = Optional.empty();
        shown = Optional.empty();
    }
}
