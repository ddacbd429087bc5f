package dev.cria.tune;

import dev.cria.tokenizer.Tokenizer.Encoded;
import java.util.Arrays;
import java.util.List;

/**
 * The parts of a text whose tokens have a loss. A token belongs to the part in which it begins, so one that begins in
 * the prompt and reaches into the answer has none.
 */
final class Spans {

    private Spans() {}

    /** Characters {@code [from, to)} of a text. */
    record Span(int from, int to) {}

    /** The ids of a text with labels in the spans. */
    static Example label(Encoded text, List<Span> spans) {
        int[] labels = new int[text.ids().length];
        Arrays.fill(labels, Example.IGNORED);
        for (int i = 0; i < labels.length; i++) {
            int begin = text.starts()[i];
            if (spans.stream().anyMatch(s -> begin >= s.from() && begin < s.to())) {
                labels[i] = text.ids()[i];
            }
        }
        return new Example(text.ids(), labels);
    }
}
