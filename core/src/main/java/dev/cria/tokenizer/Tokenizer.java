package dev.cria.tokenizer;

import java.util.List;
import java.util.OptionalInt;

/** Turns text into token ids and back. Implementations are immutable and safe for use by many threads. */
public interface Tokenizer {

    /** Ids of the text; a literal {@code <|endoftext|>} in it is ordinary text, as tiktoken's encode_ordinary has it. */
    int[] encode(String text);

    /** Ids of the text, in which the special tokens' literals stand for their ids. */
    int[] encodeWithSpecial(String text);

    /** {@link #encode} of each text, on all cores, in order. */
    List<int[]> encodeAll(List<String> texts);

    /** The text of the ids; bytes that are no UTF-8 become U+FFFD. */
    String decode(int[] ids);

    /** The bytes that one id stands for. */
    byte[] bytes(int id);

    /** One more than the largest id, special tokens included; 50257 for GPT-2. */
    int vocabularySize();

    /** The id that ends a document, 50256 for GPT-2. */
    OptionalInt endOfText();

    /** A hash of all that decides the ids, for the shards' manifest. */
    String fingerprint();
}
