package dev.cria.data.filter;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The repetition rules of Gopher: repeated lines and paragraphs, by number and by characters; the characters under the
 * most frequent 2-, 3- and 4-gram; the characters under repeated 5- to 10-grams. All are proportions of the text.
 *
 * @param maxLines repeated lines among all: 0.3
 * @param maxParagraphs repeated paragraphs among all: 0.3
 * @param maxLineCharacters characters in repeated lines: 0.2
 * @param maxParagraphCharacters characters in repeated paragraphs: 0.2
 * @param maxTop by n: 2: 0.2, 3: 0.18, 4: 0.16
 * @param maxRepeated by n: 5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.1
 * @see "Rae et al. 2021, Scaling Language Models, arXiv 2112.11446, table A1; counting as in datatrove's
 *     gopher_repetition_filter.py, where the most frequent n-gram counts even if it comes once"
 */
record GopherRepetition(
        double maxLines,
        double maxParagraphs,
        double maxLineCharacters,
        double maxParagraphCharacters,
        Map<Integer, Double> maxTop,
        Map<Integer, Double> maxRepeated)
        implements DocumentFilter {
    private static final Pattern PARAGRAPHS = Pattern.compile("\n{2,}");
    private static final Pattern LINES = Pattern.compile("\n+");

    static final GopherRepetition STANDARD = new GopherRepetition(
            0.3,
            0.3,
            0.2,
            0.2,
            Map.of(2, 0.2, 3, 0.18, 4, 0.16),
            Map.of(5, 0.15, 6, 0.14, 7, 0.13, 8, 0.12, 9, 0.11, 10, 0.1));

    GopherRepetition {
        maxTop = new TreeMap<>(maxTop);
        maxRepeated = new TreeMap<>(maxRepeated);
    }

    @Override
    public String name() {
        return "gopher_repetition";
    }

    @Override
    public Verdict judge(TextView document) {
        String text = document.text();
        int characters = text.codePointCount(0, text.length());
        List<String> paragraphs = Arrays.asList(PARAGRAPHS.split(Whitespace.strip(text), -1));
        Verdict verdict = repeats(paragraphs, characters, "paragraphs", maxParagraphs, maxParagraphCharacters);
        if (verdict == Verdict.KEEP) {
            // What stands before the first line break and after the last is a line here, even if there is nothing.
            verdict = repeats(Arrays.asList(LINES.split(text, -1)), characters, "lines", maxLines, maxLineCharacters);
        }
        return verdict == Verdict.KEEP ? nGrams(document.words(), Math.max(1, characters)) : verdict;
    }

    private Verdict repeats(List<String> parts, int characters, String what, double maxParts, double maxCharacters) {
        Repeats repeats = Repeats.in(parts);
        double proportion = (double) repeats.elements() / Math.max(1, parts.size());
        if (proportion > maxParts) {
            return drop(what, Figures.more(proportion, maxParts));
        }
        double covered = (double) repeats.characters() / Math.max(1, characters);
        return covered > maxCharacters
                ? drop(what + "_characters", Figures.more(covered, maxCharacters))
                : Verdict.KEEP;
    }

    private Verdict nGrams(Words words, double characters) {
        NGrams nGrams = new NGrams(words);
        for (Map.Entry<Integer, Double> limit : maxTop.entrySet()) {
            double covered = nGrams.mostFrequent(limit.getKey()) / characters;
            if (covered > limit.getValue()) {
                return drop("top_" + limit.getKey() + "_gram", Figures.more(covered, limit.getValue()));
            }
        }
        for (Map.Entry<Integer, Double> limit : maxRepeated.entrySet()) {
            double covered = nGrams.repeated(limit.getKey()) / characters;
            if (covered > limit.getValue()) {
                return drop("repeated_" + limit.getKey() + "_grams", Figures.more(covered, limit.getValue()));
            }
        }
        return Verdict.KEEP;
    }

    private Verdict drop(String rule, String detail) {
        return new Verdict.Drop(name() + "." + rule, detail);
    }
}
