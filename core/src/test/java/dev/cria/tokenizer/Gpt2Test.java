package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class Gpt2Test {
    private final Tokenizer gpt2 = Tokenizers.gpt2();

    @Test
    void knownTextsHaveTheirKnownIds() {
        assertThat(gpt2.encode("")).isEmpty();
        assertThat(gpt2.encode("Hello world")).containsExactly(15496, 995);
        assertThat(gpt2.encode("Hello, I'm a language model,"))
                .containsExactly(15496, 11, 314, 1101, 257, 3303, 2746, 11);
        assertThat(gpt2.decode(new int[] {15496, 995, 50256})).isEqualTo("Hello world<|endoftext|>");
    }

    @Test
    void endOfTextIsSpecialOnlyWhereAskedFor() {
        assertThat(gpt2.encodeWithSpecial("a<|endoftext|><|endoftext|>b<|endof"))
                .startsWith(64, 50256, 50256, 65);
        assertThat(gpt2.encodeWithSpecial("<|endoftext|>")).containsExactly(50256);
        assertThat(gpt2.encode("a<|endoftext|>")).doesNotContain(50256);
        assertThat(gpt2.encodeWithSpecial("<|im_start|>")).isEqualTo(gpt2.encode("<|im_start|>"));
    }

    @Test
    void sizesAndFingerprintAreWhatManifestsRelyOn() {
        assertThat(gpt2.vocabularySize()).isEqualTo(50257);
        assertThat(gpt2.endOfText()).hasValue(50256);
        assertThat(gpt2.specialTokens()).isEqualTo(Map.of("<|endoftext|>", 50256));
        assertThat(gpt2.fingerprint()).isEqualTo("a8d509beb3ea62752e2cc3571ff592b42de785dc222320a2423119e9f7644fe7");
        assertThat(gpt2.bytes(50256)).isEqualTo("<|endoftext|>".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void refusesIdsBeyondTheVocabulary() {
        assertThatThrownBy(() -> gpt2.decode(new int[] {1, 50257}))
                .isInstanceOf(RequestException.class)
                .hasMessage("token id 50257 is not in the tokenizer's vocabulary of 50257");
        assertThatThrownBy(() -> gpt2.bytes(-1)).isInstanceOf(RequestException.class);
    }

    @Test
    void anyTextComesBack() {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 500; i++) {
            checkRoundTrip(text(random));
        }
    }

    /** UTF-16 units from narrow and wide ranges, unpaired surrogates among them. */
    private static String text(SplittableRandom random) {
        int bound = new int[] {0x80, 0x800, 0x10000}[random.nextInt(3)];
        return random.ints(random.nextInt(0, 60), 0, bound)
                .collect(StringBuilder::new, (text, unit) -> text.append((char) unit), StringBuilder::append)
                .toString();
    }

    private void checkRoundTrip(String text) {
        String whole = new String(Utf8.encode(text), StandardCharsets.UTF_8);
        assertThat(gpt2.decode(gpt2.encode(text))).isEqualTo(whole);
        assertThat(gpt2.decode(gpt2.encodeWithSpecial(text))).isEqualTo(whole);
    }

    @Test
    void tokensThatAreTextEncodeToThemselves() {
        for (int id = 0; id < 50256; id += 7) {
            String token = gpt2.decode(new int[] {id});
            if (!token.contains("\uFFFD") && !token.endsWith("'s") && !token.isBlank()) {
                assertThat(gpt2.decode(gpt2.encode(token))).isEqualTo(token);
                assertThat(gpt2.encode(token).length).as("token %d", id).isLessThanOrEqualTo(token.length());
            }
        }
    }

    /** More different words than the cache holds: what it forgets and remembers changes no id. */
    @Test
    void aCacheFullOfRareWordsChangesNoId() {
        Random random = new Random(3);
        List<String> words = IntStream.range(0, 60_000)
                .mapToObj(i -> " " + RandomTexts.lettersOnly(random, 1 + random.nextInt(18)))
                .toList();
        List<Integer> apart = new ArrayList<>();
        for (String word : words) {
            for (int id : Tokenizers.gpt2().encode(word)) {
                apart.add(id);
            }
        }
        String text = String.join("", words);
        assertThat(gpt2.encode(text)).isEqualTo(apart.stream().mapToInt(i -> i).toArray());
        assertThat(gpt2.decode(gpt2.encode(text))).isEqualTo(text);
    }

    @Test
    void manyThreadsGetTheSameIds() throws Exception {
        Random random = new Random(4);
        List<String> texts = IntStream.range(0, 300)
                .mapToObj(i -> RandomTexts.mixed(random, 200))
                .toList();
        List<int[]> expected = texts.stream().map(gpt2::encode).toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<int[]>> tasks = texts.stream()
                    .map(t -> (Callable<int[]>) () -> gpt2.encode(t))
                    .toList();
            var results = threads.invokeAll(tasks);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(results.get(i).get()).isEqualTo(expected.get(i));
            }
        }
        List<int[]> batch = gpt2.encodeAll(texts);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(batch.get(i)).isEqualTo(expected.get(i));
        }
    }
}
