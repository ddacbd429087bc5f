package dev.cria.data.filter;

import java.util.List;

/**
 * FineWeb's own rules: too few lines end in punctuation, too many are short, too many characters stand in repeated
 * lines, or there are too many line breaks for the words.
 *
 * @param minPunctuatedLines proportion of lines that end in . ! ? or a quote: more than 0.12
 * @param maxShortLines proportion of lines of at most {@code shortLine} characters: 0.67
 * @param shortLine 30 characters
 * @param maxRepeatedCharacters proportion of characters in repeated lines: 0.1
 * @param maxLineBreaksPerWord 0.3
 * @see "Penedo et al. 2024, The FineWeb Datasets, arXiv 2406.17557, section 3.6; the last rule is in its code only, and
 *     that code's threshold for repeated characters is 0.01 where the paper says 0.1"
 */
record FineWebQuality(
        double minPunctuatedLines,
        double maxShortLines,
        int shortLine,
        double maxRepeatedCharacters,
        double maxLineBreaksPerWord)
        implements DocumentFilter {

    static final FineWebQuality STANDARD = new FineWebQuality(0.12, 0.67, 30, 0.1, 0.3);

    @Override
    public String name() {
        return "fineweb_quality";
    }

    @Override
    public Verdict judge(TextView document) {
        List<String> lines = document.lines().filled();
        if (lines.isEmpty()) {
            return new Verdict.Drop(name() + ".empty", "no line");
        }
        double all = lines.size();
        double punctuated = lines.stream().filter(Lines::endsLikeASentence).count() / all;
        if (punctuated <= minPunctuatedLines) {
            return drop("punctuation", Figures.less(punctuated, minPunctuatedLines));
        }
        double brief = lines.stream().filter(l -> l.length() <= shortLine).count() / all;
        if (brief >= maxShortLines) {
            return drop("short_lines", Figures.more(brief, maxShortLines));
        }
        long breaks = document.text().chars().filter(c -> c == '\n').count();
        double repeated = (double) Lines.Repeats.in(lines).characters()
                / Math.max(1, document.text().length() - breaks);
        if (repeated >= maxRepeatedCharacters) {
            return drop("repeated_characters", Figures.more(repeated, maxRepeatedCharacters));
        }
        double breaksPerWord = breaks / (double) Math.max(1, document.words().count());
        if (breaksPerWord > maxLineBreaksPerWord) {
            return drop("line_breaks", Figures.more(breaksPerWord, maxLineBreaksPerWord));
        }
        return Verdict.KEEP;
    }

    private Verdict drop(String rule, String detail) {
        return new Verdict.Drop(name() + "." + rule, detail);
    }
}
