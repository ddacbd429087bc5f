package dev.cria.eval.judge;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a text tells of itself without a judge, in words between white space.
 *
 * @param words how many
 * @param distinct1 different words over all words (Li et al. 2016, distinct-n); 1 where there are none
 * @param distinct2 the same of pairs
 * @param repetition share of sequences of four words that stood in the text before (Welleck et al. 2020, seq-rep-4); 0
 *     where there are none
 */
public record TextMeasures(int words, double distinct1, double distinct2, double repetition) {
    private static final int LONG = 4;

    public static TextMeasures of(String text) {
        String stripped = text.strip();
        List<String> words = stripped.isEmpty() ? List.of() : Arrays.asList(stripped.split("\\s+"));
        return new TextMeasures(words.size(), distinct(words, 1), distinct(words, 2), 1 - distinct(words, LONG));
    }

    private static double distinct(List<String> words, int n) {
        int total = words.size() - n + 1;
        if (total <= 0) {
            return 1;
        }
        Set<List<String>> seen = new HashSet<>();
        for (int i = 0; i < total; i++) {
            seen.add(words.subList(i, i + n));
        }
        return (double) seen.size() / total;
    }
}
