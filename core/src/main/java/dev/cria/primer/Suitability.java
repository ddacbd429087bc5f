package dev.cria.primer;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Leaves out what does not belong in a book for young people, by the words of a gloss and by WordNet's usage marks. */
final class Suitability {
    private static final Set<String> MARKS = Set.of(
            "ethnic slur", "disparagement", "obscenity", "vulgarism", "dirty word", "derogation", "slang", "archaism");

    private static final Pattern NOT_WORD = Pattern.compile("[^a-z'-]+");

    private final Set<String> whole;
    private final Set<String> beginnings;
    private final int longest;

    Suitability() {
        List<String> lines = Resources.lines("unsuitable.txt");
        whole = lines.stream()
                .filter(line -> line.endsWith("$"))
                .map(line -> line.substring(0, line.length() - 1))
                .collect(Collectors.toSet());
        beginnings = lines.stream().filter(line -> !line.endsWith("$")).collect(Collectors.toSet());
        longest = beginnings.stream().mapToInt(String::length).max().orElse(0);
    }

    boolean allows(WordNet wordNet, Entry entry) {
        if (!allows(String.join(" ", entry.lemmas())) || !allows(entry.gloss())) {
            return false;
        }
        Set<String> marks = new HashSet<>();
        wordNet.targets(entry, Link.USAGE).forEach(mark -> marks.addAll(mark.lemmas()));
        return marks.stream().noneMatch(MARKS::contains);
    }

    boolean allows(String text) {
        for (String word : NOT_WORD.split(text.toLowerCase(Locale.ROOT))) {
            if (whole.contains(word) || hasBadBeginning(word)) {
                return false;
            }
        }
        return true;
    }

    private boolean hasBadBeginning(String word) {
        for (int end = Math.min(longest, word.length()); end > 2; end--) {
            if (beginnings.contains(word.substring(0, end))) {
                return true;
            }
        }
        return false;
    }
}
