package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.TinyModels;
import dev.cria.model.Tokens;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tokenizer.Tokenizers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelScorerTest {
    private static final Kernels KERNELS = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
    private static final int POSITIONS = 48;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2"})
    void sharedPrefixesGiveWhatOneForwardAChoiceGives(String family) {
        try (LanguageModel model = model(family, DType.FLOAT64)) {
            List<Request> requests = questions(61);
            ModelScorer scorer = new ModelScorer(model, KERNELS);

            double[] planned = scorer.logLikelihoods(requests, task());

            assertThat(BatchPlan.of(requests, POSITIONS, 2048).tokens())
                    .isLessThan(requests.stream()
                                    .mapToLong(r -> r.input(POSITIONS).length)
                                    .sum()
                            * 3
                            / 4);
            for (int i = 0; i < requests.size(); i++) {
                // float64 sums of up to 20 terms, read back in float32: 20 · 8 · 2^-24 relative.
                assertThat(planned[i])
                        .as("request %d", i)
                        .isCloseTo(alone(model, requests.get(i), POSITIONS), within(1e-4));
            }
        }
    }

    @Test
    void aShorterMaximumCutsFurther() {
        try (LanguageModel model = model("llama", DType.FLOAT32)) {
            Request request = new Request(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, new int[] {11, 12});
            double[] cut = new ModelScorer(model, KERNELS, 4).logLikelihoods(List.of(request), task());

            assertThat(cut[0]).isCloseTo(alone(model, request, 4), within(1e-4));
            assertThat(Math.abs(cut[0] - alone(model, request, 48))).isGreaterThan(1e-2);
        }
    }

    @Test
    void bfloat16IsNear() {
        try (LanguageModel exact = model("llama", DType.FLOAT32);
                LanguageModel rounded = model("llama", DType.BFLOAT16)) {
            List<Request> requests = questions(9);
            double[] want = new ModelScorer(exact, KERNELS).logLikelihoods(requests, task());
            double[] got = new ModelScorer(rounded, KERNELS).logLikelihoods(requests, task());

            for (int i = 0; i < want.length; i++) {
                assertThat(got[i]).isCloseTo(want[i], within(0.05 * Math.abs(want[i]) + 0.1));
            }
        }
    }

    @Test
    void countsEveryRequestAsDone() {
        try (LanguageModel model = model("llama", DType.FLOAT32)) {
            long[] done = {0};
            new ModelScorer(model, KERNELS).logLikelihoods(questions(23), new Progress.Task() {
                @Override
                public void advance(long amount) {
                    done[0] += amount;
                }

                @Override
                public void note(String words) {}

                @Override
                public void close() {}
            });
            assertThat(done[0]).isEqualTo(23);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (LanguageModel model = model("llama", DType.FLOAT32)) {
            assertThatThrownBy(() -> new ModelScorer(model, KERNELS, POSITIONS + 1))
                    .isInstanceOf(RequestException.class)
                    .hasMessage("--max-length is 49, outside 1 to the model's 48 positions");
            assertThatThrownBy(() -> ModelScorer.requireFit(Tokenizers.gpt2(), model.config()))
                    .isInstanceOf(RequestException.class)
                    .hasMessage(
                            "the tokenizer has 50257 ids and the model's vocabulary 53, so they don't belong together");
        }
    }

    private static LanguageModel model(String family, DType dtype) {
        return family.equals("llama") ? TinyModels.llama(POSITIONS, dtype) : TinyModels.gpt2(POSITIONS, dtype);
    }

    private static Progress.Task task() {
        return Progress.silent().begin("", "", 0);
    }

    /** Choices that share a context, some answers that differ in the last token only, some texts that are cut. */
    private static List<Request> questions(int count) {
        SplittableRandom random = new SplittableRandom(11);
        List<Request> requests = new ArrayList<>();
        while (requests.size() < count) {
            int[] context = random.ints(1 + random.nextInt(60), 0, TinyModels.VOCABULARY)
                    .toArray();
            int[] ending = random.ints(1 + random.nextInt(20), 0, TinyModels.VOCABULARY)
                    .toArray();
            for (int choice = 0; choice < 4 && requests.size() < count; choice++) {
                int[] own = random.nextInt(3) == 0
                        ? ending.clone()
                        : random.ints(1 + random.nextInt(20), 0, TinyModels.VOCABULARY)
                                .toArray();
                own[own.length - 1] = choice;
                requests.add(new Request(context, own));
            }
        }
        return requests;
    }

    /** One forward for the request alone, with the head at every position. */
    private static double alone(LanguageModel model, Request request, int positions) {
        int[] input = request.input(positions);
        int[] targets = request.targets(positions);
        long[] next = new long[input.length];
        Arrays.fill(next, HeadLoss.IGNORED);
        for (int i = 0; i < targets.length; i++) {
            next[input.length - targets.length + i] = targets[i];
        }
        try (var scope = new Scope();
                var tape = new Tape(KERNELS, Tape.Mode.INFERENCE)) {
            long[] ids = Arrays.stream(input).asLongStream().toArray();
            var hidden = model.hidden(tape, Tokens.of(scope, Device.CPU, ids, 1, 0), Attention.wholeRows());
            Tensor losses = tape.linearCrossEntropy(hidden, model.head(), scope.own(Tensor.of(next, next.length)), 1);
            double sum = 0;
            for (float loss : losses.toFloats()) {
                sum -= loss;
            }
            return sum;
        }
    }
}
