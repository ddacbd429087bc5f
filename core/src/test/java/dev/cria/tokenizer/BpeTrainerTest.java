package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.RequestException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BpeTrainerTest {

    @Test
    void firstMergesOfASmallTextAreTheMostFrequentPairs() {
        // "we" stands 8 times, "lo" 7 ("ow" too, but l comes before o), then six pairs 6 times, of which e has the
        // lowest id.
        Tokenizer trained = train(260, "low low low low low lower lower newest newest newest newest newest newest");
        assertThat(token(trained, 256)).isEqualTo("we");
        assertThat(token(trained, 257)).isEqualTo("lo");
        assertThat(token(trained, 258)).isEqualTo("ewe");
    }

    @Test
    void idsAreBytesThenMergesThenEndOfText() {
        Tokenizer trained = train(258, "aa aa");
        assertThat(trained.vocabularySize()).isEqualTo(258);
        assertThat(trained.bytes(0)).containsExactly('!');
        assertThat(trained.bytes(256)).containsExactly('a', 'a');
        assertThat(trained.endOfText()).hasValue(257);
        assertThat(trained.specialTokens()).isEqualTo(Map.of("<|endoftext|>", 257));
        assertThat(trained.encodeWithSpecial("aa<|endoftext|>")).containsExactly(256, 257);
        assertThat(trained.encode("<|endoftext|>")).doesNotContain(257).hasSize(13);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void mergesAreThoseOfCountingAfreshEveryTime(long seed) {
        List<String> texts = texts(seed, 40);
        Tokenizer trained = train(257 + 60, texts.toArray(String[]::new));
        List<String> expected = naiveTokens(texts, 60);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(token(trained, 256 + i)).as("merge %d", i).isEqualTo(expected.get(i));
        }
    }

    @Test
    void orderAndGroupingOfTextsDecideNothing() {
        List<String> texts = texts(11, 200);
        String fingerprint = train(400, texts.toArray(String[]::new)).fingerprint();
        List<String> shuffled = new ArrayList<>(texts);
        Collections.shuffle(shuffled, new Random(3));
        assertThat(train(400, shuffled.toArray(String[]::new)).fingerprint()).isEqualTo(fingerprint);
        assertThat(train(401, texts.toArray(String[]::new)).fingerprint()).isNotEqualTo(fingerprint);
    }

    @Test
    void everyTokenEncodesToItselfAndNoTwoAreEqual() {
        Tokenizer trained = train(600, texts(12, 300).toArray(String[]::new));
        Set<String> seen = new HashSet<>();
        for (int id = 0; id < trained.vocabularySize() - 1; id++) {
            assertThat(seen.add(latin1(trained.bytes(id)))).as("token %d", id).isTrue();
            String text = token(trained, id);
            if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), trained.bytes(id))) {
                assertThat(trained.encode(text)).containsExactly(id);
            }
        }
    }

    @Test
    void refusesImpossibleSizes() {
        assertThatThrownBy(() -> train(256, "text"))
                .isInstanceOf(RequestException.class)
                .hasMessage("a vocabulary of 256 is impossible: it holds 256 bytes and <|endoftext|>, so from 257 to"
                        + " 2097150");
        assertThatThrownBy(() -> train(300, "abc abc"))
                .isInstanceOf(RequestException.class)
                .hasMessage("the texts give 3 merges; a vocabulary of 300 needs 43")
                .extracting(e -> ((RequestException) e).hint())
                .isEqualTo("give more text, or --vocab-size 260");
        assertThat(train(260, "abc abc").vocabularySize()).isEqualTo(260);
    }

    private static Tokenizer train(int size, String... texts) {
        return BpeTrainer.train(Stream.of(texts), size, Progress.silent());
    }

    private static String token(Tokenizer tokenizer, int id) {
        return tokenizer.decode(new int[] {id});
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static List<String> texts(long seed, int count) {
        Random random = new Random(seed);
        return IntStream.range(0, count)
                .mapToObj(i -> random.nextInt(4) == 0
                        ? RandomTexts.mixed(random, 12)
                        : random.ints(30, 0, 4)
                                .mapToObj(c -> "ab ä".substring(c, c + 1))
                                .reduce("", String::concat))
                .toList();
    }

    /** The same by the definition: count all pairs of all words, merge the best, and again. Tokens decoded as text. */
    private static List<String> naiveTokens(List<String> texts, int merges) {
        List<List<Integer>> words = new ArrayList<>();
        List<byte[]> tokens = new ArrayList<>();
        Map<Byte, Integer> ids = new HashMap<>();
        for (byte b : ByteAlphabet.inOrder()) {
            ids.put(b, tokens.size());
            tokens.add(new byte[] {b});
        }
        for (String text : texts) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            var preTokens = RegexPattern.of(Gpt2Pattern.REGEX).over(utf8, 0, utf8.length);
            for (int start = 0; start < utf8.length; ) {
                int end = preTokens.next();
                List<Integer> word = new ArrayList<>();
                for (int i = start; i < end; i++) {
                    word.add(ids.get(utf8[i]));
                }
                words.add(word);
                start = end;
            }
        }
        for (int m = 0; m < merges; m++) {
            Map<List<Integer>, Integer> counts = new HashMap<>();
            for (List<Integer> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    counts.merge(List.copyOf(word.subList(i, i + 2)), 1, Integer::sum);
                }
            }
            List<Integer> best = counts.keySet().stream()
                    .min(Comparator.comparingInt((List<Integer> p) -> -counts.get(p))
                            .thenComparing(p -> p.get(0))
                            .thenComparing(p -> p.get(1)))
                    .orElseThrow();
            byte[] left = tokens.get(best.get(0));
            byte[] both = Arrays.copyOf(left, left.length + tokens.get(best.get(1)).length);
            System.arraycopy(tokens.get(best.get(1)), 0, both, left.length, both.length - left.length);
            int id = tokens.size();
            tokens.add(both);
            for (List<Integer> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    if (word.subList(i, i + 2).equals(best)) {
                        word.set(i, id);
                        word.remove(i + 1);
                    }
                }
            }
        }
        return tokens.subList(256, tokens.size()).stream()
                .map(t -> Utf8.decode(t, 0, t.length))
                .toList();
    }
}
