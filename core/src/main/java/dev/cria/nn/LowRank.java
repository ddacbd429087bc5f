package dev.cria.nn;

import dev.cria.nn.Projection.Adapter;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * y = x·wᵀ, plus h·bᵀ in the columns of each adapter, h = scale·x·aᵀ, which is kept from the forward. With dc, the
 * gradient in those columns: db += dcᵀ·h, dh = scale·dc·b, da += dhᵀ·x, dx += dh·a. What is as wide as y is gone over by
 * products alone: the scale is applied to what has the adapter's rank.
 */
record LowRank(Value x, Projection.LowRank layer, List<Value> hidden, Value y) implements Operation {

    static Value forward(Tape tape, Value x, Projection.LowRank layer) {
        Kernels kernels = tape.kernels();
        Value y = tape.output(x.data(), true, x.rows(), layer.outputs());
        try (Tensor w = layer.base().matrix(x.data().dtype())) {
            kernels.run(new MatrixProduct.Forward(x.data(), w, y.data(), Into.OVERWRITE));
        }
        layer.base().bias().ifPresent(b -> kernels.run(new Elementwise.AddBias(y.data(), b.value())));
        List<Value> hidden = new ArrayList<>();
        for (Adapter adapter : layer.adapters()) {
            Value h = tape.output(x.data(), false, x.rows(), adapter.a().value().size(0));
            kernels.run(new MatrixProduct.Forward(x.data(), adapter.a().value(), h.data(), Into.OVERWRITE));
            kernels.run(new Elementwise.Scale(h.data(), adapter.scale()));
            try (Tensor part = columns(y.data(), adapter)) {
                kernels.run(new MatrixProduct.Forward(h.data(), adapter.b().value(), part, Into.ACCUMULATE));
            }
            hidden.add(h);
        }
        tape.record(new LowRank(x, layer, hidden, y));
        return y;
    }

    private static Tensor columns(Tensor y, Adapter adapter) {
        return y.narrow(1, adapter.start(), adapter.b().value().size(0));
    }

    @Override
    public List<Value> outputs() {
        List<Value> outputs = new ArrayList<>();
        outputs.add(y);
        outputs.addAll(hidden);
        return outputs;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(layer.base().parameters());
        for (Adapter adapter : layer.adapters()) {
            parameters.add(adapter.a());
            parameters.add(adapter.b());
        }
        return parameters;
    }

    @Override
    public void backward(Kernels kernels) {
        Tensor dy = y.gradient();
        layer.base()
                .gradient()
                .ifPresent(dw -> kernels.run(new MatrixProduct.WeightGradient(dy, x.saved(), dw, Into.ACCUMULATE)));
        if (x.isDifferentiable()) {
            var dx = x.slot();
            try (Tensor w = layer.base().matrix(dy.dtype())) {
                kernels.run(new MatrixProduct.InputGradient(dy, w, dx.tensor(), dx.into()));
            }
        }
        for (int i = 0; i < layer.adapters().size(); i++) {
            backward(kernels, layer.adapters().get(i), hidden.get(i).saved(), dy);
        }
    }

    private void backward(Kernels kernels, Adapter adapter, Tensor h, Tensor dy) {
        try (Tensor dc = columns(dy, adapter);
                Tensor dh = Tensor.empty(h.dtype(), h.device(), h.shape())) {
            adapter.b()
                    .gradient()
                    .ifPresent(db -> kernels.run(new MatrixProduct.WeightGradient(dc, h, db, Into.ACCUMULATE)));
            kernels.run(new MatrixProduct.InputGradient(dc, adapter.b().value(), dh, Into.OVERWRITE));
            kernels.run(new Elementwise.Scale(dh, adapter.scale()));
            adapter.a()
                    .gradient()
                    .ifPresent(da -> kernels.run(new MatrixProduct.WeightGradient(dh, x.saved(), da, Into.ACCUMULATE)));
            if (x.isDifferentiable()) {
                var dx = x.slot();
                kernels.run(new MatrixProduct.InputGradient(dh, adapter.a().value(), dx.tensor(), dx.into()));
            }
        }
    }
}
