package dev.cria.nn;

import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import java.util.List;

/** y[i] = table[ids[i]]; backward: dtable[ids[i]] += dy[i]. */
record Embedding(Parameter table, Tensor ids, Value y) implements Operation {

    static Value forward(Tape tape, Parameter table, Tensor ids) {
        Value y = tape.output(
                table.value(),
                table.isTrainable(),
                ids.elements(),
                table.value().size(1));
        tape.kernels().run(new TokenEmbedding.Lookup(table.value(), ids, y.data()));
        tape.record(new Embedding(table, ids, y));
        return y;
    }

    @Override
    public List<Value> outputs() {
        return List.of(y);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(table);
    }

    @Override
    public void backward(Kernels kernels) {
        table.gradient().ifPresent(dtable -> kernels.run(new TokenEmbedding.Gradient(y.gradient(), ids, dtable)));
    }
}
