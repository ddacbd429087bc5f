package dev.cria.nn;

import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The head and its loss in one; see {@link HeadLoss}. The forward forms the gradients as well, since
 * it has the logits at hand; the backward only passes dx on.
 */
record LinearCrossEntropy(Value x, Parameter w, Value dx) implements Operation {

    static Tensor forward(Tape tape, Value x, Projection.Dense head, Tensor targets, double scale, double zLoss) {
        var w = head.weight();
        Tensor losses =
                tape.keep(Tensor.empty(x.data().dtype().accumulation(), x.data().device(), x.rows()));
        if (!tape.isRecording()) {
            tape.kernels().run(new HeadLoss(x.data(), w.value(), targets, losses, Optional.empty()));
            return losses;
        }
        Value dx = tape.output(x.data(), true, x.rows(), x.width());
        var dw = w.gradientSlot();
        Into into = dw.map(Slot::into).orElse(Into.ACCUMULATE);
        var gradients = new HeadLoss.Gradients(scale, zLoss, dx.data(), dw.map(Slot::tensor), into);
        tape.kernels().run(new HeadLoss(x.data(), w.value(), targets, losses, Optional.of(gradients)));
        dx.share(dx.data());
        tape.record(new LinearCrossEntropy(x, w, dx));
        return losses;
    }

    @Override
    public List<Value> outputs() {
        return List.of(dx);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(w);
    }

    @Override
    public void backward(Kernels kernels) {
        if (x.isDifferentiable()) {
            x.share(dx.gradient());
        }
    }
}
