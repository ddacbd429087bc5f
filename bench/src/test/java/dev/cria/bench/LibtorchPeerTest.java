package dev.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.bench.LibtorchModel.Attention;
import dev.cria.bench.LibtorchStep.Compute;
import dev.cria.model.LanguageModel;
import dev.cria.model.Presets;
import dev.cria.model.Tokens;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.optim.AdamW;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.train.Recipe;
import dev.cria.weights.Models;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The peer trains the very model that Cria trains: otherwise its speed would compare nothing. */
final class LibtorchPeerTest {
    private static final int BATCH = 3;
    private static final int SEQ = 13;
    private static final int VOCAB = 97;
    private static final int STEPS = 5;

    private final Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.REFERENCE);

    /** Random rows. */
    private record Batch(long[] ids, long[] targets) {
        static Batch random(long seed) {
            var random = new SplittableRandom(seed);
            return new Batch(
                    random.longs(BATCH * SEQ, 0, VOCAB).toArray(),
                    random.longs(BATCH * SEQ, 0, VOCAB).toArray());
        }

        org.bytedeco.pytorch.Tensor peerIds() {
            return LibtorchWeights.copy(MemorySegment.ofArray(ids), ScalarType.Long, BATCH, SEQ);
        }

        org.bytedeco.pytorch.Tensor peerTargets() {
            return LibtorchWeights.copy(MemorySegment.ofArray(targets), ScalarType.Long, BATCH, SEQ);
        }
    }

    /** Small models of both kinds; the LLaMA's heads share keys and values. */
    enum Small {
        LLAMA(Map.of(
                "preset",
                "nano",
                "hidden_size",
                48,
                "intermediate_size",
                80,
                "num_hidden_layers",
                2,
                "num_attention_heads",
                6,
                "num_key_value_heads",
                2,
                "vocab_size",
                VOCAB,
                "initializer_range",
                0.2)),
        GPT2(Map.of(
                "preset",
                "gpt2-10m",
                "n_embd",
                48,
                "n_layer",
                2,
                "n_head",
                3,
                "vocab_size",
                VOCAB,
                "initializer_range",
                0.2));

        private final Map<String, Object> section;

        Small(Map<String, Object> section) {
            this.section = section;
        }

        LanguageModel create() {
            var config = Presets.resolve(section, SEQ);
            return Models.create(config, Device.CPU, Storage.training(DType.FLOAT32, DType.FLOAT32), 7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void lossAndGradientsAreCrias(Small small) {
        for (Attention attention : Attention.values()) {
            compareLossAndGradients(small, attention);
        }
    }

    private void compareLossAndGradients(Small small, Attention attention) {
        try (LanguageModel model = small.create()) {
            var weights = new LibtorchWeights(model);
            var theirModel = LibtorchModel.of(model.config(), weights, attention);
            var peer = new LibtorchStep(weights.all(), Compute.FP32);

            Batch batch = Batch.random(1);
            double theirs = peer.backward(theirModel, batch.peerIds(), batch.peerTargets());
            double ours = forwardBackward(model, batch);

            assertThat(theirs).isCloseTo(ours, within(1e-5 * ours));
            List<Parameter> parameters = model.parameters().list();
            for (int i = 0; i < parameters.size(); i++) {
                float[] gradient = parameters.get(i).gradient().orElseThrow().toFloats();
                float[] peers = floats(weights.all().get(i).grad());
                assertThat(largestDifference(gradient, peers))
                        .as(parameters.get(i).spec().name())
                        .isLessThan(1e-4 * largestDifference(gradient, new float[gradient.length]));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void autocastLossIsCriasWithinBfloat16(Small small) {
        for (Attention attention : Attention.values()) {
            compareAutocastLoss(small, attention);
        }
    }

    private void compareAutocastLoss(Small small, Attention attention) {
        try (LanguageModel model = small.create()) {
            var weights = new LibtorchWeights(model);
            var theirModel = LibtorchModel.of(model.config(), weights, attention);
            var peer = new LibtorchStep(weights.all(), Compute.BF16);

            Batch batch = Batch.random(1);
            double theirs = peer.backward(theirModel, batch.peerIds(), batch.peerTargets());
            double ours = forwardBackward(model, batch);

            assertThat(theirs).isNotEqualTo((float) ours).isCloseTo(ours, within(0x1p-8 * ours));
        }
    }

    @ParameterizedTest
    @EnumSource
    void weightsMoveAsCriasDo(Small small) {
        try (LanguageModel model = small.create();
                AdamW optimizer =
                        new AdamW(kernels, model.parameters(), Recipe.defaults().optimizer())) {
            var weights = new LibtorchWeights(model);
            var theirModel = LibtorchModel.of(model.config(), weights, Attention.FUSED);
            var peer = new LibtorchStep(weights.all(), Compute.FP32);
            List<float[]> before =
                    weights.all().stream().map(LibtorchPeerTest::floats).toList();
            for (int i = 0; i < STEPS; i++) {
                Batch batch = Batch.random(i);
                peer.run(theirModel, batch.peerIds(), batch.peerTargets());
                forwardBackward(model, batch);
                Tensor gradients = model.parameters().gradients().orElseThrow();
                double norm = Math.sqrt(kernels.sumOfSquares(gradients));
                optimizer.step(LibtorchStep.LEARNING_RATE, Math.min(1, LibtorchStep.CLIP / (norm + 1e-6)));
                gradients.zero();
            }
            for (int i = 0; i < before.size(); i++) {
                Parameter parameter = model.parameters().list().get(i);
                float[] ours = parameter.value().toFloats();
                float[] theirs = floats(weights.all().get(i));
                // A mean, and no vectors: where a gradient is nearly zero, as of all keys' biases, rounding decides
                // which
                // way Adam goes.
                if (parameter.spec().isMatrix()) {
                    assertThat(meanDifference(ours, theirs))
                            .as(parameter.spec().name())
                            .isLessThan(0.002 * meanDifference(ours, before.get(i)));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void autocastComputesWithTheWeightsOfTheStep(Small small) {
        try (LanguageModel model = small.create()) {
            double[] falls = new double[Compute.values().length];
            for (Compute compute : Compute.values()) {
                var weights = new LibtorchWeights(model);
                var theirModel = LibtorchModel.of(model.config(), weights, Attention.FUSED);
                var peer = new LibtorchStep(weights.all(), compute);
                Batch batch = Batch.random(0);
                double first = peer.run(theirModel, batch.peerIds(), batch.peerTargets());
                for (int i = 0; i < 4 * STEPS; i++) {
                    peer.run(theirModel, batch.peerIds(), batch.peerTargets());
                }
                falls[compute.ordinal()] = first - peer.backward(theirModel, batch.peerIds(), batch.peerTargets());
            }
            double fp32 = falls[Compute.FP32.ordinal()];
            assertThat(falls[Compute.BF16.ordinal()]).isCloseTo(fp32, within(0.1 * fp32));
        }
    }

    /** Cria's mean loss; its gradients are left in the model. */
    private double forwardBackward(LanguageModel model, Batch batch) {
        try (var tape = new Tape(kernels, Tape.Mode.TRAINING);
                var scope = new Scope()) {
            Tensor own = scope.own(Tensor.of(batch.ids(), batch.ids().length));
            var hidden = model.hidden(
                    tape, Tokens.of(scope, Device.CPU, own, BATCH, SEQ), dev.cria.model.Attention.wholeRows());
            Tensor next = scope.own(Tensor.of(batch.targets(), batch.targets().length));
            double sum = 0;
            for (float loss : tape.linearCrossEntropy(hidden, model.head(), next, 1.0 / (BATCH * SEQ))
                    .toFloats()) {
                sum += loss;
            }
            tape.backward();
            return sum / (BATCH * SEQ);
        }
    }

    private static float[] floats(org.bytedeco.pytorch.Tensor tensor) {
        var dense = tensor.contiguous();
        return MemorySegment.ofAddress(dense.data_ptr().address())
                .reinterpret(dense.numel() * Float.BYTES)
                .toArray(ValueLayout.JAVA_FLOAT);
    }

    private static double largestDifference(float[] a, float[] b) {
        assertThat(b).hasSameSizeAs(a);
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    private static double meanDifference(float[] a, float[] b) {
        assertThat(b).hasSameSizeAs(a);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum / a.length;
    }
}
