package dev.cria.tokenizer;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.tokenizer.AddedToken.Kind;
import dev.cria.tokenizer.BpeModel.Lead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Trains a byte-level BPE with GPT-2's pre-tokenizer: again and again the most frequent pair of neighbours becomes a
 * token. The same texts give the same tokenizer, in whatever order and on however many threads: equally frequent pairs
 * go by their ids, the lower first.
 *
 * <p>Ids: the 256 bytes in GPT-2's order, the merges in the order of training, and last, as
 * {@code vocabularySize - 1}, {@code <|endoftext|>}.
 *
 * @see "Sennrich, Haddow and Birch 2016, Neural Machine Translation of Rare Words with Subword Units"
 */
public final class BpeTrainer {
    /** The 256 bytes and the end of text. */
    public static final int SMALLEST_VOCABULARY = 257;

    private static final int BYTES = 256;

    private BpeTrainer() {}

    /**
     * The tokenizer that these texts give, each of them read once.
     *
     * @param vocabularySize bytes, merges and {@code <|endoftext|>} together
     * @throws RequestException if the size is impossible, or the texts hold too few pairs for it
     */
    public static Tokenizer train(Stream<String> texts, int vocabularySize, Progress progress) {
        if (vocabularySize < SMALLEST_VOCABULARY || vocabularySize >= Merges.ID_LIMIT) {
            throw new RequestException(
                    "a vocabulary of " + vocabularySize
                            + " is impossible: it holds 256 bytes and <|endoftext|>, so from " + SMALLEST_VOCABULARY
                            + " to " + (Merges.ID_LIMIT - 1),
                    "--vocab-size 4096");
        }
        WordCounts words = WordCounts.of(texts, progress);
        int wanted = vocabularySize - SMALLEST_VOCABULARY;
        byte[][] tokens = new byte[vocabularySize][];
        byte[] bytes = ByteAlphabet.inOrder();
        int[] byteIds = new int[BYTES];
        for (int id = 0; id < BYTES; id++) {
            tokens[id] = new byte[] {bytes[id]};
            byteIds[bytes[id] & 0xFF] = id;
        }
        tokens[vocabularySize - 1] = Gpt2.END_OF_TEXT.getBytes(StandardCharsets.UTF_8);
        Merges merges = learn(new PairCounts(words, byteIds), wanted, tokens, progress);
        BpeModel model = new BpeModel(
                new Vocabulary(tokens, byteIds),
                merges,
                new Gpt2Pattern(),
                Lead.AS_IT_IS,
                Map.of(),
                List.of(new AddedToken(vocabularySize - 1, Gpt2.END_OF_TEXT, Kind.SPECIAL)));
        return new BpeTokenizer(
                model,
                Normalizer.NONE,
                Roles.of(OptionalInt.of(vocabularySize - 1)),
                () -> TokenizerJson.files(model, Gpt2.END_OF_TEXT));
    }

    private static Merges learn(PairCounts pairs, int wanted, byte[][] tokens, Progress progress) {
        Merges merges = new Merges(wanted);
        try (Progress.Task task = progress.begin("merge", "merges", wanted)) {
            for (int rank = 0; rank < wanted; rank++) {
                Optional<PairCounts.Pair> best = pairs.mostFrequent();
                if (best.isEmpty()) {
                    throw tooFewPairs(rank, wanted);
                }
                PairCounts.Pair pair = best.get();
                int id = BYTES + rank;
                tokens[id] = concatenated(tokens[pair.left()], tokens[pair.right()]);
                merges.add(pair.left(), pair.right(), id);
                pairs.merge(pair, id);
                task.advance(1);
            }
        }
        return merges;
    }

    private static RequestException tooFewPairs(int found, int wanted) {
        return new RequestException(
                "the texts give " + found + " merges; a vocabulary of " + (wanted + SMALLEST_VOCABULARY) + " needs "
                        + wanted,
                "give more text, or --vocab-size " + (found + SMALLEST_VOCABULARY));
    }

    private static byte[] concatenated(byte[] left, byte[] right) {
        byte[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }
}
