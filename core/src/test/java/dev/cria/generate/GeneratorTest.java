package dev.cria.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.generate.Completion.Stop;
import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.TinyModels;
import dev.cria.model.Tokens;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Memory;
import dev.cria.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GeneratorTest {
    private static final Kernels KERNELS = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
    private static final int[] PROMPT = {5, 17, 3, 40, 8};

    @ParameterizedTest
    @CsvSource({"llama, 64, 30", "gpt2, 64, 30", "llama, 13, 40", "gpt2, 13, 40", "gpt2, 1, 5", "llama, 4, 9"})
    void greedyWithTheCacheEqualsGreedyWithout(String family, int positions, int tokens) {
        try (LanguageModel model = model(family, positions, DType.FLOAT32)) {
            int[] cached = new Generator(model, KERNELS)
                    .generate(PROMPT, options(tokens, Sampling.greedy(), 1))
                    .getFirst()
                    .ids();
            assertThat(cached).isEqualTo(withoutCache(model, positions, tokens));
            assertThat(Arrays.stream(cached).distinct().count()).isGreaterThan(positions > 1 ? 2 : 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"llama, 64", "llama, 9", "gpt2, 9"})
    void eachOfSeveralSamplesIsTheOneThatWouldBeDrawnAlone(String family, int positions) {
        try (LanguageModel model = model(family, positions, DType.FLOAT32)) {
            var generator = new Generator(model, KERNELS);
            var sampling = new Sampling(1.3, 20, 0.9);
            List<Completion> four = generator.generate(PROMPT, options(12, sampling, 4));
            List<Completion> two = generator.generate(PROMPT, options(12, sampling, 2));
            assertThat(four.subList(0, 2)).isEqualTo(two);
            assertThat(four).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @CsvSource({"llama, 64, 1", "llama, 64, 2", "gpt2, 64, 1", "gpt2, 20, 2"})
    void eachOfSeveralPromptsIsCompletedAsIfItWereAlone(String family, int positions, int count) {
        List<int[]> prompts = List.of(PROMPT, new int[] {9}, new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, PROMPT);
        try (LanguageModel model = model(family, positions, DType.FLOAT32)) {
            var generator = new Generator(model, KERNELS);
            var options = options(12, new Sampling(1.1, 20, 1), count);
            List<Integer> rows = new ArrayList<>();
            List<List<Completion>> together = generator.generate(prompts, options, (row, _) -> {
                rows.add(row);
                return TokenListener.Next.CONTINUE;
            });
            assertThat(together)
                    .isEqualTo(prompts.stream()
                            .map(prompt -> generator.generate(prompt, options))
                            .toList());
            assertThat(rows.stream().distinct()).hasSize(4 * count);
        }
    }

    @Test
    void theListenerIsToldOfEveryForward() {
        try (LanguageModel model = model("llama", 64, DType.FLOAT32)) {
            List<String> told = new ArrayList<>();
            new Generator(model, KERNELS).generate(PROMPT, options(3, Sampling.greedy(), 2), new TokenListener() {
                @Override
                public Next accept(int row, int id) {
                    return Next.CONTINUE;
                }

                @Override
                public void read(Reading what, int tokens, long nanos) {
                    assertThat(nanos).isPositive();
                    told.add(what + " " + tokens);
                }
            });
            assertThat(told).containsExactly("PROMPT 5", "CHOSEN 2", "CHOSEN 2");
        }
    }

    @Test
    void bfloat16GeneratesToo() {
        try (LanguageModel model = model("llama", 16, DType.BFLOAT16)) {
            List<Completion> made = new Generator(model, KERNELS).generate(PROMPT, options(7, Sampling.greedy(), 3));
            assertThat(made).hasSize(3).allSatisfy(c -> assertThat(c.ids()).hasSize(7));
        }
    }

    @Test
    void stopsAtTheEndTokenWithoutIt() {
        try (LanguageModel model = model("llama", 64, DType.FLOAT32)) {
            var generator = new Generator(model, KERNELS);
            int[] free = generator
                    .generate(PROMPT, options(20, Sampling.greedy(), 1))
                    .getFirst()
                    .ids();
            int end = free[6];
            int first = 0;
            while (free[first] != end) {
                first++;
            }
            var options = new GenerateOptions(20, Sampling.greedy(), 0, 2, TinyModels.VOCABULARY, Set.of(end));
            assertThat(generator.generate(PROMPT, options))
                    .containsOnly(new Completion(Arrays.copyOf(free, first), Stop.END_TOKEN));
        }
    }

    @Test
    void idsBeyondTheTokenizerAreNeverChosen() {
        try (LanguageModel model = model("gpt2", 64, DType.FLOAT32)) {
            var options = new GenerateOptions(50, new Sampling(5, 0, 1), 3, 4, 9, Set.of());
            for (Completion completion : new Generator(model, KERNELS).generate(PROMPT, options)) {
                assertThat(Arrays.stream(completion.ids()).boxed()).hasSize(50).allMatch(id -> id < 9);
            }
        }
    }

    @Test
    void aListenerSeesEveryTokenAndMayStop() {
        try (LanguageModel model = model("llama", 64, DType.FLOAT32)) {
            List<Integer> seen = new ArrayList<>();
            var completion = new Generator(model, KERNELS)
                    .generate(PROMPT, options(20, Sampling.greedy(), 1), (row, id) -> {
                        seen.add(id);
                        return seen.size() == 4 ? TokenListener.Next.STOP : TokenListener.Next.CONTINUE;
                    })
                    .getFirst();
            assertThat(completion.stop()).isEqualTo(Stop.CANCELLED);
            assertThat(completion.ids())
                    .containsExactly(seen.stream().mapToInt(i -> i).toArray());
            assertThat(seen).hasSize(4);
        }
    }

    @Test
    void leavesNoNativeMemoryBehind() {
        try (LanguageModel model = model("llama", 9, DType.FLOAT32)) {
            long before = Memory.of(Device.CPU).liveBytes();
            new Generator(model, KERNELS).generate(PROMPT, options(20, new Sampling(1, 0, 1), 3));
            assertThat(Memory.of(Device.CPU).liveBytes()).isEqualTo(before);
        }
    }

    @Test
    void refusesPromptsThatTheModelCannotRead() {
        try (LanguageModel model = model("llama", 9, DType.FLOAT32)) {
            var generator = new Generator(model, KERNELS);
            assertThatThrownBy(() -> generator.generate(new int[0], options(1, Sampling.greedy(), 1)))
                    .isInstanceOf(RequestException.class)
                    .hasMessage("the prompt is empty");
            assertThatThrownBy(() -> generator.generate(new int[] {53}, options(1, Sampling.greedy(), 1)))
                    .isInstanceOf(RequestException.class)
                    .hasMessage("token id 53 is not below the model's vocabulary of 53");
        }
    }

    private static LanguageModel model(String family, int positions, DType dtype) {
        return family.equals("llama") ? TinyModels.llama(positions, dtype) : TinyModels.gpt2(positions, dtype);
    }

    private static GenerateOptions options(int tokens, Sampling sampling, int count) {
        return new GenerateOptions(tokens, sampling, 11, count, TinyModels.VOCABULARY, Set.of());
    }

    /** Reads the whole visible text again for each token. */
    private static int[] withoutCache(LanguageModel model, int positions, int tokens) {
        int[] text = Arrays.copyOf(PROMPT, PROMPT.length + tokens);
        for (int length = PROMPT.length; length < text.length; length++) {
            int start = new ContextWindow(positions).start(length);
            long[] seen = Arrays.stream(text, start, length).asLongStream().toArray();
            text[length] = likeliest(model, seen);
        }
        return Arrays.copyOfRange(text, PROMPT.length, text.length);
    }

    private static int likeliest(LanguageModel model, long[] ids) {
        try (var scope = new Scope();
                var tape = new Tape(KERNELS, Tape.Mode.INFERENCE)) {
            var hidden = model.hidden(tape, Tokens.of(scope, Device.CPU, ids, 1, 0), Attention.wholeRows());
            var last = scope.own(hidden.data().rows(ids.length - 1, 1));
            var logits = scope.empty(DType.FLOAT32, Device.CPU, 1, TinyModels.VOCABULARY);
            KERNELS.run(new MatrixProduct.Forward(last, model.head().weight().value(), logits, Into.OVERWRITE));
            float[] scores = logits.toFloats();
            int best = 0;
            for (int i = 1; i < scores.length; i++) {
                best = scores[i] > scores[best] ? i : best;
            }
            return best;
        }
    }
}
