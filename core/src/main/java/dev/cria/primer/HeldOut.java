package dev.cria.primer;

import dev.cria.primer.Fact.Thing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps held-out facts out of documents, and the wrong answers to questions on them: a text that names both ends of such
 * a fact is refused, however it is worded. Without the wrong answers, a model that has merely seen which words stand
 * together would know the right choice as the one that never stood beside its concept, and be wrong for that reason.
 * Where a word's meaning is held out, its definition and purpose are never told either, since only facts that are
 * stated are handed to lessons.
 */
final class HeldOut {
    private record Pair(Set<String> subject, Set<String> object) {}

    /** An apostrophe at the edge of a word is a quotation mark; 's belongs to no word. */
    private static final Pattern QUOTES = Pattern.compile("'s(?![a-z0-9])|(?<![a-z0-9])'|'(?![a-z0-9])");

    private static final Pattern NOT_WORD = Pattern.compile("[^a-z0-9'-]+");

    private final Map<String, List<Pair>> bySubject = new HashMap<>();
    private final Map<String, List<Pair>> byObject = new HashMap<>();

    /** @param facts of which those that are not stated are kept out */
    HeldOut(Collection<Fact> facts) {
        Set<Pair> pairs = new LinkedHashSet<>();
        for (Fact fact : facts) {
            if (!fact.isStated() && fact.value() instanceof Thing thing) {
                pairs.add(new Pair(forms(fact.subject().name()), forms(thing.name())));
            }
        }
        for (Pair pair : pairs) {
            index(pair, pair.subject(), bySubject);
            index(pair, pair.object(), byObject);
        }
    }

    private static void index(Pair pair, Set<String> forms, Map<String, List<Pair>> into) {
        forms.forEach(form ->
                into.computeIfAbsent(form.split(" ")[0], _ -> new ArrayList<>()).add(pair));
    }

    private static Set<String> forms(Name name) {
        return Stream.of(name.bare(), name.plural())
                .map(form -> normalise(form).strip())
                .collect(Collectors.toSet());
    }

    /** A text's words in lower case, a space before and after each. */
    static String normalise(String text) {
        String words = NOT_WORD.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" ");
        return " " + QUOTES.matcher(words).replaceAll(" ").strip() + " ";
    }

    /** Whether a text names both ends of no held-out fact. */
    boolean allows(String text) {
        return allows(" ", normalise(text));
    }

    /** Whether a text that is clean so far stays so with a sentence more; both normalised. */
    boolean allows(String soFar, String sentence) {
        String both = soFar + sentence;
        for (String word : sentence.strip().split(" +")) {
            for (Map<String, List<Pair>> index : List.of(bySubject, byObject)) {
                for (Pair pair : index.getOrDefault(word, List.of())) {
                    if (names(both, pair.subject()) && names(both, pair.object())) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private static boolean names(String plain, Set<String> forms) {
        return forms.stream().anyMatch(form -> plain.contains(" " + form + " "));
    }
}
