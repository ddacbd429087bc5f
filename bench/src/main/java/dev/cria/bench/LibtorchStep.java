package dev.cria.bench;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A training step as PyTorch's users write it: forward under autocast or in float32, {@code backward()},
 * {@code clip_grad_norm_}, {@code AdamW(fused=True)} and {@code zero_grad()}, which frees the gradients.
 */
final class LibtorchStep {
    static final double CLIP = 1;
    static final double LEARNING_RATE = 1e-4;
    private static final double WEIGHT_DECAY = 0.1;

    private final LibtorchModel model;
    private final Compute compute;
    private final List<Slot> slots;
    private final OperatorHandle adamW;

    /** What is computed in: float32, or bfloat16 where autocast says so. */
    enum Compute {
        FP32,
        BF16
    }

    /** A weight with its moments and the number of its updates, which libtorch keeps in a tensor. */
    private record Slot(Tensor weight, Tensor first, Tensor second, Tensor updates) {
        static Slot of(Tensor weight) {
            return new Slot(weight, torch.zeros_like(weight), torch.zeros_like(weight), torch.zeros(new long[0]));
        }

        boolean isMatrix() {
            return weight.dim() > 1;
        }
    }

    LibtorchStep(LibtorchModel model, List<Tensor> weights, Compute compute) {
        this.model = model;
        this.compute = compute;
        this.slots = weights.stream().map(Slot::of).toList();
        this.adamW = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
    }

    /** Moves the weights; returns the loss before. */
    double run(Tensor ids, Tensor targets) {
        double loss = backward(ids, targets);
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            torch.clip_grad_norm_(weights(), CLIP);
            update(slots.stream().filter(Slot::isMatrix).toList(), WEIGHT_DECAY);
            update(slots.stream().filter(slot -> !slot.isMatrix()).toList(), 0);
            slots.forEach(slot -> slot.weight().mutable_grad().reset());
        }
        return loss;
    }

    /** Leaves each weight's gradient beside it; returns the loss. */
    double backward(Tensor ids, Tensor targets) {
        try (var _ = new PointerScope()) {
            Tensor loss = forward(ids, targets);
            loss.backward();
            return loss.item_double();
        }
    }

    /** The loss in the caller's scope. The cache, of weights in bfloat16, ends with autocast as in PyTorch's own. */
    private Tensor forward(Tensor ids, Tensor targets) {
        if (compute == Compute.FP32) {
            return model.loss(ids, targets);
        }
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_enabled(DeviceType.CPU, true);
        try {
            return model.loss(ids, targets);
        } finally {
            torch.set_autocast_enabled(DeviceType.CPU, false);
            torch.clear_cache();
        }
    }

    private TensorVector weights() {
        return new TensorVector(slots.stream().map(Slot::weight).toArray(Tensor[]::new));
    }

    private void update(List<Slot> group, double weightDecay) {
        group.forEach(slot -> slot.updates().add_(new Scalar(1.0)));
        var stack = new IValueVector(
                list(group, Slot::weight),
                list(group, slot -> slot.weight().mutable_grad()),
                list(group, Slot::first),
                list(group, Slot::second),
                new IValue(tensors()), // max_exp_avg_sqs, of amsgrad
                list(group, Slot::updates),
                new IValue(LEARNING_RATE),
                new IValue(0.9),
                new IValue(0.95),
                new IValue(weightDecay),
                new IValue(1e-8),
                new IValue(false), // amsgrad
                new IValue(false), // maximize
                new IValue(), // grad_scale
                new IValue()); // found_inf
        adamW.callBoxed(stack);
    }

    private static IValue list(List<Slot> group, Function<Slot, Tensor> part) {
        GenericList list = tensors();
        group.forEach(slot -> list.push_back(new IValue(part.apply(slot))));
        return new IValue(list);
    }

    private static GenericList tensors() {
        return new GenericList(new TensorList().elementType());
    }
}
