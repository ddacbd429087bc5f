package dev.cria.tune;

import dev.cria.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The parts of a text whose tokens have a loss. A token belongs to the part in which it begins, so one that begins in
 * the prompt and reaches into the answer has none.
 */
final class Spans {

    private Spans() {}

    /** Bytes {@code [from, to)} of a text. */
    record Span(long from, long to) {}

    /** The span of {@code text[from, to)}, given in characters. */
    static Span of(String text, int from, int to) {
        long begin = bytes(text.substring(0, from));
        return new Span(begin, begin + bytes(text.substring(from, to)));
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** The ids of a text with labels in the spans. */
    static Example label(int[] ids, List<Span> spans, Tokenizer tokenizer) {
        int[] labels = new int[ids.length];
        Arrays.fill(labels, Example.IGNORED);
        long at = 0;
        for (int i = 0; i < ids.length; i++) {
            long begin = at;
            if (spans.stream().anyMatch(s -> begin >= s.from() && begin < s.to())) {
                labels[i] = ids[i];
            }
            at += tokenizer.bytes(ids[i]).length;
        }
        return new Example(ids, labels);
    }
}
