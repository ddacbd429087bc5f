package dev.cria.tokenizer;

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

    /** {@link #encode} of each text, on all cores, in order. */
    List<int[]> encodeAll(List<String> texts);

    /**
     * The text of the ids; bytes that are no UTF-8 become U+FFFD.
     *
     * @throws dev.cria.RequestException if an id is not in the vocabulary
     */
    String decode(int[] ids);

    /**
     * The bytes that one id stands for.
     *
     * @throws dev.cria.RequestException if the id is not in the vocabulary
     */
    byte[] bytes(int id);

    /** One more than the largest id, special tokens included; 50257 for GPT-2. */
    int vocabularySize();

    /** The id that ends a document, 50256 for GPT-2. */
    OptionalInt endOfText();

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
