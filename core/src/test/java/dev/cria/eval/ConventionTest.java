package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.eval.Convention.EncodedQuestion;
import dev.cria.eval.Question.Choice;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConventionTest {
    private static final ByteTokenizer BYTES = new ByteTokenizer();

    @Test
    void whiteSpaceAtTheContextsEndMovesToTheContinuation() {
        Question question = Question.of("Say: \n", List.of("yes"), 0);

        Request request = Convention.HARNESS.encode(question, BYTES).requests().getFirst();

        assertThat(BYTES.decode(request.context())).isEqualTo("Say:");
        assertThat(BYTES.decode(request.continuation())).isEqualTo(" \n yes");
    }

    @Test
    void anEmptyContextIsTheEndOfADocument() {
        Question question = Question.of(" ", List.of("a"), 0);

        Request request = Convention.HARNESS.encode(question, BYTES).requests().getFirst();

        assertThat(request.context()).containsExactly(ByteTokenizer.END);
        assertThat(BYTES.decode(request.continuation())).isEqualTo("  a");
    }

    @Test
    void contextAndContinuationAreEncodedAsOneText() {
        // "cats" is one token of GPT-2, so the s is not the continuation's; the cut is by the context's count.
        Tokenizer gpt2 = Tokenizers.gpt2();
        Question question = new Question(List.of(new Choice("The cat", "s slept", 7)), 0);
        int[] whole = gpt2.encode("The cats slept");
        int[] context = gpt2.encode("The cat");

        Request request = Convention.HARNESS.encode(question, gpt2).requests().getFirst();

        assertThat(request.continuation()).containsExactly(gpt2.encode(" slept"));
        assertThat(request.context()).containsExactly(context);
        assertThat(request.continuation()).containsExactly(Arrays.copyOfRange(whole, context.length, whole.length));
    }

    @Test
    void nanoGptEncodesRawTextsApartAndDividesByTokens() {
        Row row = BenchmarkTest.row("""
            {"ctx": "A [x] ", "endings": ["é [y]", "b"], "label": "1"}\
            """);

        EncodedQuestion encoded =
                Convention.NANOGPT.encode(Convention.NANOGPT.question(Benchmark.HELLASWAG, row), BYTES);

        assertThat(encoded.requests())
                .extracting(r -> BYTES.decode(r.context()))
                .containsOnly("A [x] ");
        assertThat(encoded.requests())
                .extracting(r -> BYTES.decode(r.continuation()))
                .containsExactly(" é [y]", " b");
        assertThat(encoded.lengths()).containsExactly(7, 2);
        assertThat(encoded.gold()).isOne();
    }

    @Test
    void nanoGptHasNoOtherBenchmarks() {
        assertThatThrownBy(() -> Convention.NANOGPT.question(Benchmark.PIQA, BenchmarkTest.row("{}")))
                .isInstanceOf(RequestException.class)
                .hasMessage("the convention nanogpt is defined for hellaswag, not for piqa");
    }

    @Test
    void aRequestIsCutOnTheLeftAndNeverShowsItsLastToken() {
        Request request = new Request(new int[] {1, 2, 3}, new int[] {4, 5});

        assertThat(request.input(4)).containsExactly(1, 2, 3, 4);
        assertThat(request.isCutAt(4)).isFalse();
        assertThat(request.input(3)).containsExactly(2, 3, 4);
        assertThat(request.isCutAt(3)).isTrue();
        assertThat(request.input(1)).containsExactly(4);
        assertThat(request.targets(1)).containsExactly(5);
        assertThat(request.targets(2)).containsExactly(4, 5);
    }
}
