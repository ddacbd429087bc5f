package dev.cria.primer;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Leaves out what does not belong in a book for young people, by the words of a gloss and by WordNet's usage marks. */
final class Suitability {
    private static final Set<String> MARKS = Set.of(
            "ethnic slur", "disparagement", "obscenity", "vulgarism", "dirty word", "derogation", "slang", "archaism");

    private final Set<String> whole;
    private final List<String> beginnings;

    Suitability() {
        List<String> lines = Resources.lines("unsuitable.txt");
        whole = lines.stream()
                .filter(line -> line.endsWith("$"))
                .map(line -> line.substring(0, line.length() - 1))
                .collect(Collectors.toSet());
        beginnings = lines.stream().filter(line -> !line.endsWith("$")).toList();
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
        for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z'-]+")) {
            if (whole.contains(word) || beginnings.stream().anyMatch(word::startsWith)) {
                return false;
            }
        }
        return true;
    }
}
