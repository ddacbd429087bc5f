package dev.cria.data.filter;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The document-level quality rules of Gopher in datatrove's order: length, mean word length, symbols, bullets, ellipses,
 * letters, stop words.
 *
 * @param minWords fewest words, signs not counted: 50
 * @param maxWords most words: 100,000
 * @param minMeanWordLength characters: 3
 * @param maxMeanWordLength characters: 10
 * @param maxSymbolsPerWord hash signs, and likewise ellipses, for each word or sign: 0.1
 * @param maxBulletLines proportion of lines that begin with a bullet: 0.9
 * @param maxEllipsisLines proportion of lines that end with an ellipsis: 0.3
 * @param minAlphabeticWords proportion of words that have a letter: 0.8
 * @param signsAreWords whether signs, which have none, count in that: true, as in datatrove; the paper speaks of words
 * @param minStopWords how many different ones of {@code stopWords}, as they are written, there must be: 2
 * @param stopWords the, be, to, of, and, that, have, with
 * @see "Rae et al. 2021, Scaling Language Models, arXiv 2112.11446, appendix A1.1; counting as in datatrove's
 *     gopher_quality_filter.py"
 */
record GopherQuality(
        int minWords,
        int maxWords,
        double minMeanWordLength,
        double maxMeanWordLength,
        double maxSymbolsPerWord,
        double maxBulletLines,
        double maxEllipsisLines,
        double minAlphabeticWords,
        boolean signsAreWords,
        int minStopWords,
        List<String> stopWords)
        implements DocumentFilter {

    static final GopherQuality STANDARD = new GopherQuality(
            50,
            100_000,
            3,
            10,
            0.1,
            0.9,
            0.3,
            0.8,
            true,
            2,
            List.of("the", "be", "to", "of", "and", "that", "have", "with"));

    @Override
    public String name() {
        return "gopher_quality";
    }

    @Override
    public Verdict judge(TextView document) {
        Words words = document.words();
        long characters = 0;
        int spoken = 0;
        int alphabetic = 0;
        for (int i = 0; i < words.count(); i++) {
            if (!words.isSign(i)) {
                spoken++;
                characters += words.length(i);
            }
            alphabetic += words.hasLetter(i) ? 1 : 0;
        }
        if (spoken < minWords) {
            return drop("short", spoken + " words < " + minWords);
        }
        if (spoken > maxWords) {
            return drop("long", spoken + " words > " + maxWords);
        }
        double mean = (double) characters / Math.max(1, spoken);
        if (mean < minMeanWordLength) {
            return drop("short_words", Figures.less(mean, minMeanWordLength));
        }
        if (mean > maxMeanWordLength) {
            return drop("long_words", Figures.more(mean, maxMeanWordLength));
        }
        // From here on signs count as words.
        double all = Math.max(1, words.count());
        Verdict verdict = symbols(document.text(), all);
        if (verdict != Verdict.KEEP) {
            return verdict;
        }
        double letters = alphabetic / (signsAreWords ? all : Math.max(1, spoken));
        if (letters < minAlphabeticWords) {
            return drop("letters", Figures.less(letters, minAlphabeticWords));
        }
        return stopWords(words);
    }

    private Verdict symbols(String text, double words) {
        double hashes = text.chars().filter(c -> c == '#').count() / words;
        if (hashes > maxSymbolsPerWord) {
            return drop("hashes", Figures.more(hashes, maxSymbolsPerWord));
        }
        double ellipses = (occurrences(text, "...") + occurrences(text, "…")) / words;
        if (ellipses > maxSymbolsPerWord) {
            return drop("ellipses", Figures.more(ellipses, maxSymbolsPerWord));
        }
        return lines(Whitespace.lines(text));
    }

    /** Empty lines are lines here. */
    private Verdict lines(List<String> lines) {
        double all = Math.max(1, lines.size());
        double bullets = lines.stream()
                        .map(Whitespace::stripLeading)
                        .filter(l -> l.startsWith("•") || l.startsWith("-"))
                        .count()
                / all;
        if (bullets > maxBulletLines) {
            return drop("bullets", Figures.more(bullets, maxBulletLines));
        }
        double trailing = lines.stream()
                        .map(Whitespace::stripTrailing)
                        .filter(l -> l.endsWith("...") || l.endsWith("…"))
                        .count()
                / all;
        return trailing > maxEllipsisLines
                ? drop("trailing_ellipses", Figures.more(trailing, maxEllipsisLines))
                : Verdict.KEEP;
    }

    private Verdict stopWords(Words words) {
        Set<String> found = new HashSet<>();
        for (int i = 0; i < words.count() && found.size() < minStopWords; i++) {
            for (String stopWord : stopWords) {
                if (words.is(i, stopWord)) {
                    found.add(stopWord);
                }
            }
        }
        return found.size() < minStopWords
                ? drop("stop_words", found.size() + " stop words < " + minStopWords)
                : Verdict.KEEP;
    }

    private Verdict drop(String rule, String detail) {
        return new Verdict.Drop(name() + "." + rule, detail);
    }

    private static int occurrences(String text, String part) {
        int n = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            n++;
        }
        return n;
    }
}
