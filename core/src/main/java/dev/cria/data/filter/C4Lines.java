package dev.cria.data.filter;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The line rules of C4: drops lines that speak of JavaScript or of policies, have too few words or a word too long, and
 * by choice those that do not end as a sentence; drops whole documents that hold "lorem ipsum" or a curly bracket, or
 * have too few sentences left. Citation marks of Wikipedia go too.
 *
 * @param requireFinalPunctuation whether a line must end in . ? ! " or '; C4 does, FineWeb does not: false
 * @param minSentences fewest sentences in the lines that stay: 5
 * @param minWordsPerLine 3
 * @param maxWordLength characters: 1000
 * @see "Raffel et al. 2020, Exploring the Limits of Transfer Learning, section 2.2; choice of rules as in FineWeb"
 */
record C4Lines(boolean requireFinalPunctuation, int minSentences, int minWordsPerLine, int maxWordLength)
        implements DocumentFilter {
    private static final Pattern CITATION = Pattern.compile("\\[\\d*]|\\[edit]|\\[citation needed]");
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
    private static final Pattern LINE_END = Pattern.compile("\\R");
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
        for (String raw : LINE_END.split(document.text(), -1)) {
            String line = CITATION.matcher(raw.strip()).replaceAll("");
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.contains("lorem ipsum")) {
                return new Verdict.Drop(name() + ".lorem_ipsum", "lorem ipsum");
            }
            if (line.indexOf('{') >= 0) {
                return new Verdict.Drop(name() + ".curly_bracket", "{");
            }
            if (stays(line, lower)) {
                kept.add(line);
                // Finding where sentences end is the dearest part, and no more than these need be found.
                sentences += sentences < minSentences ? sentences(line) : 0;
            }
        }
        if (sentences < minSentences) {
            return new Verdict.Drop(name() + ".few_sentences", sentences + " sentences < " + minSentences);
        }
        String text = String.join("\n", kept);
        return text.equals(document.text()) ? Verdict.KEEP : new Verdict.Edit(name(), text);
    }

    private boolean stays(String line, String lower) {
        String[] words = WHITE_SPACE.split(line);
        if (words.length < minWordsPerLine || lower.contains("javascript")) {
            return false;
        }
        for (String word : words) {
            if (word.length() > maxWordLength) {
                return false;
            }
        }
        if (requireFinalPunctuation && (!Lines.endsLikeASentence(line) || line.endsWith("..."))) {
            return false;
        }
        return POLICIES.stream().noneMatch(lower::contains);
    }

    private static int sentences(String line) {
        BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ENGLISH);
        sentences.setText(line);
        int n = 0;
        while (sentences.next() != BreakIterator.DONE) {
            n++;
        }
        return n;
    }
}
