package dev.cria.tokenizer;

import dev.cria.tokenizer.TokenizerPipe.Literals;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Turns text into token ids and back. Implementations are immutable and safe for use by many threads. */
public interface Tokenizer {

    /**
     * Ids of the text; a literal {@code <|endoftext|>} in it is ordinary text, as tiktoken's encode_ordinary has it.
     * GPT-2's ids of {@code "Hello world"} are {@code [15496, 995]}.
     */
    int[] encode(String text);

    /** Ids of the text, in which the special tokens' literals stand for their ids. */
    int[] encodeWithSpecial(String text);

    /**
     * Ids with where they begin.
     *
     * @param starts the character of the text at which each id begins
     */
    record Encoded(int[] ids, int[] starts) {}

    /** Ids of the text with where they begin, whatever a normalizer makes of it. */
    Encoded encodeWithStarts(String text, Literals literals);

    /** {@link #encode} of each text, on all cores, in order. */
    List<int[]> encodeAll(List<String> texts);

    /**
     * The text of the ids as Hugging Face's decoder makes it; bytes that are no UTF-8 become U+FFFD.
     *
     * @throws dev.cria.RequestException if an id is not in the vocabulary
     */
    String decode(int[] ids);

    /**
     * The bytes that one id stands for within a text.
     *
     * @throws dev.cria.RequestException if the id is not in the vocabulary
     */
    byte[] bytes(int id);

    /** One more than the largest id, special tokens included; 50257 for GPT-2. */
    int vocabularySize();

    /** The tokens that begin and end a text, and what is put around one. */
    Roles roles();

    /** The id that ends a document, 50256 for GPT-2. */
    default OptionalInt endOfText() {
        return roles().end();
    }

    /** The ids of the special tokens by their literals; {@code <|endoftext|>} alone for GPT-2. */
    Map<String, Integer> specialTokens();

    /** A hash of all that decides the ids, for the shards' manifest; a saved and loaded tokenizer keeps it. */
    String fingerprint();

    /**
     * The files, by name, that carry this tokenizer in a Hugging Face model directory, {@code tokenizer.json} among
     * them. A loaded tokenizer gives back the files that it was loaded from, unchanged.
     */
    Map<String, byte[]> files();
}
