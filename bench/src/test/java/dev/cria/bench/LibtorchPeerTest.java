package dev.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.bench.LibtorchStep.Compute;
import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.Models;
import dev.cria.model.Presets;
import dev.cria.model.Tokens;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.train.AdamW;
import dev.cria.train.Recipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
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
    private final long[] ids = new SplittableRandom(1).longs(BATCH * SEQ, 0, VOCAB).toArray();
    private final long[] targets = new SplittableRandom(2).longs(BATCH * SEQ, 0, VOCAB).toArray();

    /** Small models of both kinds; the LLaMA's heads share keys and values. */
    enum Small {
        LLAMA(Map.of(
                "preset", "nano", "hidden_size", 48, "intermediate_size", 80, "num_hidden_layers", 2,
                "num_attention_heads", 6, "num_key_value_heads", 2, "vocab_size", VOCAB, "initializer_range", 0.2)),
        GPT2(Map.of(
                "preset", "gpt2-10m", "n_embd", 48, "n_layer", 2, "n_head", 3, "vocab_size", VOCAB,
                "initializer_range", 0.2));

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
        try (LanguageModel model = small.create()) {
            var weights = new LibtorchWeights(model);
            var peer = new LibtorchStep(LibtorchModel.of(model.config(), weights), weights.all(), Compute.FP32);

            double theirs = peer.backward(peerIds(ids), peerIds(targets));
            double ours = forwardBackward(model);

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
        try (LanguageModel model = small.create()) {
            var weights = new LibtorchWeights(model);
            var peer = new LibtorchStep(LibtorchModel.of(model.config(), weights), weights.all(), Compute.BF16);

            double theirs = peer.backward(peerIds(ids), peerIds(targets));
            double ours = forwardBackward(model);

            assertThat(theirs).isNotEqualTo((float) ours).isCloseTo(ours, within(0x1p-8 * ours));
        }
    }

    @ParameterizedTest
    @EnumSource
    void stepsLowerTheLossAsCriasDo(Small small) {
        try (LanguageModel model = small.create();
                AdamW optimizer = new AdamW(kernels, model.parameters(), Recipe.defaults().optimizer())) {
            var weights = new LibtorchWeights(model);
            var peer = new LibtorchStep(LibtorchModel.of(model.config(), weights), weights.all(), Compute.FP32);
            List<Double> ours = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            for (int i = 0; i < STEPS; i++) {
                theirs.add(peer.run(peerIds(ids), peerIds(targets)));
                ours.add(forwardBackward(model));
                Tensor gradients = model.parameters().gradients().orElseThrow();
                double norm = Math.sqrt(kernels.sumOfSquares(gradients));
                optimizer.step(LibtorchStep.LEARNING_RATE, Math.min(1, LibtorchStep.CLIP / (norm + 1e-6)));
                gradients.zero();
            }
            double fall = ours.getFirst() - ours.getLast();
            assertThat(fall).isGreaterThan(0.001);
            assertThat(theirs.getFirst() - theirs.getLast()).isCloseTo(fall, within(0.01 * fall));
        }
    }

    /** Cria's mean loss; its gradients are left in the model. */
    private double forwardBackward(LanguageModel model) {
        try (var tape = new Tape(kernels, Tape.Mode.TRAINING);
                var scope = new Scope()) {
            Tensor own = scope.own(Tensor.of(ids, ids.length));
            var hidden = model.hidden(tape, Tokens.of(scope, Device.CPU, own, BATCH, SEQ), Attention.wholeRows());
            Tensor next = scope.own(Tensor.of(targets, targets.length));
            double sum = 0;
            for (float loss : tape.linearCrossEntropy(hidden, model.head(), next, 1.0 / ids.length)
                    .toFloats()) {
                sum += loss;
            }
            tape.backward();
            return sum / ids.length;
        }
    }

    private static org.bytedeco.pytorch.Tensor peerIds(long[] numbers) {
        return LibtorchWeights.copy(MemorySegment.ofArray(numbers), ScalarType.Long, BATCH, SEQ);
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
}
