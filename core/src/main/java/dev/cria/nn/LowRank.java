package dev.cria.nn;

import dev.cria.nn.Projection.Adapter;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * y = x·wᵀ, plus scale·(x·aᵀ)·bᵀ in the columns of each adapter. With h = x·aᵀ, kept from the forward, and dc = scale·dy
 * in those columns: db += dcᵀ·h, dh = dc·b, da += dhᵀ·x, dx += dh·a.
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
            try (var scope = new Scope()) {
                Tensor correction = scope.empty(
                        x.data().dtype(),
                        x.data().device(),
                        x.rows(),
                        adapter.b().value().size(0));
                kernels.run(new MatrixProduct.Forward(h.data(), adapter.b().value(), correction, Into.OVERWRITE));
                kernels.run(new Elementwise.Scale(correction, adapter.scale()));
                kernels.run(new Elementwise.Add(correction, scope.own(columns(y.data(), adapter))));
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
        try (var scope = new Scope()) {
            Tensor dc = scope.empty(
                    dy.dtype(), dy.device(), dy.size(0), adapter.b().value().size(0));
            dc.copyFrom(scope.own(columns(dy, adapter)));
            kernels.run(new Elementwise.Scale(dc, adapter.scale()));
            adapter.b()
                    .gradient()
                    .ifPresent(db -> kernels.run(new MatrixProduct.WeightGradient(dc, h, db, Into.ACCUMULATE)));
            Tensor dh = scope.empty(h.dtype(), h.device(), h.shape());
            kernels.run(new MatrixProduct.InputGradient(dc, adapter.b().value(), dh, Into.OVERWRITE));
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
