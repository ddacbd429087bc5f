package dev.cria.bench;

import dev.cria.model.LanguageModel;
import dev.cria.nn.Parameter;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The weights of one of Cria's models as libtorch's leaves, each named after the first tensor that it holds. */
final class LibtorchWeights {
    private final Map<String, Tensor> byName = new LinkedHashMap<>();

    /** @param model in float32 on the CPU; its weights are copied */
    LibtorchWeights(LanguageModel model) {
        for (Parameter parameter : model.parameters().list()) {
            Tensor leaf = copy(
                    parameter.value().segment(),
                    ScalarType.Float,
                    parameter.spec().shape());
            byName.put(parameter.spec().parts().getFirst().name(), leaf.set_requires_grad(true));
        }
    }

    /** Numbers of libtorch's own, copied from memory that holds just as many. */
    static Tensor copy(MemorySegment numbers, ScalarType type, long... shape) {
        Tensor made = torch.zeros(shape, new TensorOptions(type));
        MemorySegment.ofAddress(made.data_ptr().address())
                .reinterpret(numbers.byteSize())
                .copyFrom(numbers);
        return made;
    }

    Tensor get(String name) {
        Tensor weight = byName.get(name);
        if (weight == null) {
            throw new NoSuchElementException("no weight is called " + name);
        }
        return weight;
    }

    List<Tensor> all() {
        return List.copyOf(byName.values());
    }
}
