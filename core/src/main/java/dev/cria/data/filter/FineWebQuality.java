package dev.cria.data.filter;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * FineWeb's own rules: too few lines end in punctuation, too many are short, too many characters stand in repeated
 * lines, or there are too many line breaks for the words.
 *
 * @param minPunctuatedLines proportion of lines that end in a sign that ends sentences, of any script and not a quote: 0.12
 * @param maxShortLines proportion of lines of at most {@code shortLine} characters: 0.67
 * @param shortLine 30 characters
 * @param maxRepeatedCharacters proportion of characters in repeated lines: 0.01
 * @param maxLineBreaksPerWord for each word or sign: 0.3
 * @see "Penedo et al. 2024, The FineWeb Datasets, arXiv 2406.17557, section 3.6; as datatrove's
 *     fineweb_quality_filter.py, which made the data set, and which has 0.01 where the paper says 0.1"
 */
record FineWebQuality(
        double minPunctuatedLines,
        double maxShortLines,
        int shortLine,
        double maxRepeatedCharacters,
        double maxLineBreaksPerWord)
        implements DocumentFilter {

    static final FineWebQuality STANDARD = new FineWebQuality(0.12, 0.67, 30, 0.01, 0.3);
    private static final Pattern LINE_END = Pattern.compile("\n");

    @Override
    public String name() {
        return "fineweb_quality";
    }

    @Override
    public Verdict judge(TextView document) {
        String text = document.text();
        List<String> lines = Arrays.stream(LINE_END.split(text, -1))
                .filter(line -> !Whitespace.isBlank(line))
                .toList();
        if (lines.isEmpty()) {
            return drop("empty", "no line");
        }
        double all = lines.size();
        double punctuated = lines.stream().filter(English.RULES::endsSentence).count() / all;
        if (punctuated < minPunctuatedLines) {
            return drop("punctuation", Figures.less(punctuated, minPunctuatedLines));
        }
        double brief = lines.stream()
                        .filter(line -> line.codePointCount(0, line.length()) <= shortLine)
                        .count()
                / all;
        if (brief > maxShortLines) {
            return drop("short_lines", Figures.more(brief, maxShortLines));
        }
        long breaks = text.chars().filter(c -> c == '\n').count();
        double repeated = (double) Repeats.in(lines).characters() / (text.codePointCount(0, text.length()) - breaks);
        if (repeated > maxRepeatedCharacters) {
            return drop("repeated_characters", Figures.more(repeated, maxRepeatedCharacters));
        }
        double breaksPerWord = breaks / (double) Math.max(1, document.words().count());
        return breaksPerWord > maxLineBreaksPerWord
                ? drop("line_breaks", Figures.more(breaksPerWord, maxLineBreaksPerWord))
                : Verdict.KEEP;
    }

    private Verdict drop(String rule, String detail) {
        return new Verdict.Drop(name() + "." + rule, detail);
    }
}
