package dev.cria.data.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The line rules of C4, line by line in this order: drops lines with a word too long, and with too few words, and by
 * choice those that do not end in a sentence's sign; then whole documents in which a line says "lorem ipsum"; lines that
 * speak of JavaScript; whole documents in which a line has a curly bracket; lines that speak of policies. Documents with
 * too few sentences left go too, and so do Wikipedia's citation marks.
 *
 * @param requireFinalPunctuation whether a line must end in . ? ! " or '; C4 does, FineWeb does not: false
 * @param minSentences fewest sentences in the lines that stay: 5
 * @param minWordsPerLine words between white space: 3
 * @param maxWordLength characters: 1000
 * @see "Raffel et al. 2020, Exploring the Limits of Transfer Learning, section 2.2; rules and order as in datatrove's
 *     c4_filters.py"
 */
record C4Lines(boolean requireFinalPunctuation, int minSentences, int minWordsPerLine, int maxWordLength)
        implements DocumentFilter {
    private static final Pattern CITATION = Pattern.compile("\\[\\p{Nd}*]|\\[edit]|\\[citation needed]");
    private static final String FINAL = ".?!\"'";
    private static final List<String> POLICIES =
            List.of("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies");

    static final C4Lines STANDARD = new C4Lines(false, 5, 3, 1000);

    @Override
    public String name() {
        return "c4_lines";
    }

    @Override
    public boolean edits() {
        return true;
    }

    @Override
    public Verdict judge(TextView document) {
        List<String> kept = new ArrayList<>();
        int sentences = 0;
        for (String raw : Whitespace.lines(document.text())) {
            String stripped = Whitespace.strip(raw);
            Whitespace.Runs words = Whitespace.Runs.in(stripped);
            String line = withoutCitations(stripped);
            // A line that is dropped here drops no document, whatever it holds.
            if (words.longest() > maxWordLength || words.count() < minWordsPerLine || !endsAsItMust(line)) {
                continue;
            }
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.contains("lorem ipsum")) {
                return new Verdict.Drop(name() + ".lorem_ipsum", "lorem ipsum");
            }
            if (lower.contains("javascript")) {
                continue;
            }
            if (line.indexOf('{') >= 0) {
                return new Verdict.Drop(name() + ".curly_bracket", "{");
            }
            if (POLICIES.stream().noneMatch(lower::contains)) {
                kept.add(line);
                // No more than these need be found.
                sentences += sentences < minSentences ? Words.of(line).sentences(minSentences - sentences) : 0;
            }
        }
        if (sentences < minSentences) {
            return new Verdict.Drop(name() + ".few_sentences", sentences + " sentences < " + minSentences);
        }
        String text = Whitespace.strip(String.join("\n", kept));
        return text.equals(document.text()) ? Verdict.KEEP : new Verdict.Edit(name(), text);
    }

    private static String withoutCitations(String line) {
        return line.indexOf('[') < 0 ? line : CITATION.matcher(line).replaceAll("");
    }

    private boolean endsAsItMust(String line) {
        return !requireFinalPunctuation
                || !line.isEmpty() && FINAL.indexOf(line.charAt(line.length() - 1)) >= 0 && !line.endsWith("...");
    }
}
