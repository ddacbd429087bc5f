package dev.cria.primer;

import dev.cria.primer.Fact.Thing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps held-out facts out of documents: a text that names both ends of such a fact is refused, however it is worded.
 * Where a word's meaning is held out, its definition and purpose are never told either, since only facts that are
 * stated are handed to lessons.
 */
final class HeldOut {
    private record Pair(Set<String> subject, Set<String> object) {}

    private static final Pattern NOT_WORD = Pattern.compile("[^a-z0-9'-]+");

    private final Map<String, List<Pair>> byFirstWord = new HashMap<>();

    HeldOut(List<Fact> facts) {
        for (Fact fact : facts) {
            if (!fact.isStated() && fact.value() instanceof Thing thing) {
                Pair pair = new Pair(forms(fact.subject().name()), forms(thing.name()));
                pair.subject().forEach(form -> byFirstWord
                        .computeIfAbsent(form.split(" ")[0], _ -> new ArrayList<>())
                        .add(pair));
            }
        }
    }

    private static Set<String> forms(Name name) {
        return Stream.of(name.bare(), name.plural())
                .map(form -> normalise(form).strip())
                .collect(Collectors.toSet());
    }

    private static String normalise(String text) {
        return " "
                + NOT_WORD.matcher(text.toLowerCase(Locale.ROOT))
                        .replaceAll(" ")
                        .replaceAll("'s ", " ")
                        .strip() + " ";
    }

    /** Whether a text names both ends of no held-out fact. */
    boolean allows(String text) {
        String plain = normalise(text);
        for (String word : new HashSet<>(List.of(plain.strip().split(" ")))) {
            for (Pair pair : byFirstWord.getOrDefault(word, List.of())) {
                if (names(plain, pair.subject()) && names(plain, pair.object())) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean names(String plain, Set<String> forms) {
        return forms.stream().anyMatch(form -> plain.contains(" " + form + " "));
    }
}
