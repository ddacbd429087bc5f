package dev.cria.tokenizer;

import com.knuddels.jtokkit.Encodings;
import dev.cria.tokenizer.AddedToken.Kind;
import dev.cria.tokenizer.BpeModel.Lead;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * GPT-2's tokenizer: 256 bytes, 50,000 merges and the end of text.
 *
 * <p>The tokens are read from the jar of jtokkit, which carries OpenAI's file of them; its encoder isn't used, since
 * the one here is several times faster. The file holds tokens in order of rank, not pairs; each pair is recovered by
 * merging the token's bytes with the merges of lower rank, which leaves exactly two ids.
 */
final class Gpt2 {
    static final String END_OF_TEXT = "<|endoftext|>";

    private static final String RESOURCE = "r50k_base.tiktoken";
    private static final int TOKENS = 50_256;
    private static final int BYTES = 256;

    private Gpt2() {}

    static Tokenizer tokenizer() {
        byte[][] tokens = new byte[TOKENS + 1][];
        readTokens(tokens);
        tokens[TOKENS] = END_OF_TEXT.getBytes(StandardCharsets.UTF_8);
        int[] byteIds = new int[BYTES];
        for (int id = 0; id < BYTES; id++) {
            byteIds[tokens[id][0] & 0xFF] = id;
        }
        BpeModel model = new BpeModel(
                new Vocabulary(tokens, byteIds),
                merges(tokens, byteIds),
                new Gpt2Pattern(),
                Lead.AS_IT_IS,
                Map.of(),
                List.of(new AddedToken(TOKENS, END_OF_TEXT, Kind.SPECIAL)));
        return new BpeTokenizer(
                model,
                Normalizer.NONE,
                Roles.of(OptionalInt.of(TOKENS)),
                () -> TokenizerJson.files(model, END_OF_TEXT));
    }

    private static void readTokens(byte[][] tokens) {
        InputStream resource = Objects.requireNonNull(
                Encodings.class.getResourceAsStream(RESOURCE), "jtokkit's jar has no " + RESOURCE);
        try (var lines = new BufferedReader(new InputStreamReader(resource, StandardCharsets.US_ASCII))) {
            for (int id = 0; id < TOKENS; id++) {
                String line = Objects.requireNonNull(lines.readLine(), RESOURCE + " ends early");
                tokens[id] = Base64.getDecoder().decode(line.substring(0, line.indexOf(' ')));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Merges merges(byte[][] tokens, int[] byteIds) {
        Merges merges = new Merges(TOKENS - BYTES);
        Merger merger = new Merger(byteIds, merges);
        int[] ids = new int[BYTES];
        for (int id = BYTES; id < TOKENS; id++) {
            int count = merger.merge(tokens[id], 0, tokens[id].length, ids, 0);
            if (count != 2) {
                throw new IllegalStateException(RESOURCE + ": token " + id + " is no pair of earlier ones");
            }
            merges.add(ids[0], ids[1], id);
        }
        return merges;
    }
}
