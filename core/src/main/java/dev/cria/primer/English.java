package dev.cria.primer;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** The little grammar that lessons need: articles, plurals, -ing forms, sentences. */
final class English {
    private static final Set<String> DETERMINERS = Set.of(
            "a",
            "an",
            "the",
            "any",
            "one",
            "some",
            "someone",
            "something",
            "somebody",
            "anyone",
            "anything",
            "several",
            "two",
            "three",
            "four",
            "either",
            "each",
            "all",
            "his",
            "her",
            "its",
            "your",
            "our",
            "their",
            "what",
            "that",
            "those",
            "whatever",
            "whoever",
            "part",
            "this",
            "these");
    private static final Set<String> SILENT_H =
            Set.of("hour", "honest", "honor", "honour", "heir", "honorable", "herb");

    private final Map<String, String> irregularPlurals;
    private final Predicate<String> isVerb;

    English(Map<String, String> irregularPlurals, Predicate<String> isVerb) {
        this.irregularPlurals = irregularPlurals;
        this.isVerb = isVerb;
    }

    /** {@code a robin}, {@code an hour}, {@code a unit}. */
    static String withArticle(String phrase) {
        return (beginsWithVowelSound(phrase) ? "an " : "a ") + phrase;
    }

    private static boolean beginsWithVowelSound(String phrase) {
        String word = phrase.toLowerCase(Locale.ROOT).split("[ -]", 2)[0];
        if (SILENT_H.contains(word)) {
            return true;
        }
        if (word.matches("(uni([^nm]|$)|us[aeu]|u[tk][aeio]|eu|ewe|one|once|ubi|ure|uro|ufo).*")) {
            return false;
        }
        return !word.isEmpty() && "aeiou".indexOf(word.charAt(0)) >= 0;
    }

    static boolean hasDeterminer(String phrase) {
        return DETERMINERS.contains(phrase.split("[ ,]", 2)[0].toLowerCase(Locale.ROOT));
    }

    /** Whether a noun looks like scissors rather than glass. */
    static boolean looksPlural(String noun) {
        return noun.matches(".*[^siu]s|.*ies") && !noun.endsWith("ics");
    }

    /** The plural of a noun phrase, by its head: {@code pieces of furniture}, {@code edible fruits}, {@code wolves}. */
    String plural(String phrase) {
        int of = phrase.indexOf(" of ");
        if (of > 0) {
            return plural(phrase.substring(0, of)) + phrase.substring(of);
        }
        int space = phrase.lastIndexOf(' ') + 1;
        return phrase.substring(0, space) + pluralWord(phrase.substring(space));
    }

    private String pluralWord(String word) {
        String irregular = irregularPlurals.get(word);
        if (irregular != null) {
            return irregular;
        }
        if (word.matches(".*(s|x|z|ch|sh)")) {
            return word + "es";
        }
        if (word.matches(".*[^aeiou]y") && !Character.isUpperCase(word.charAt(0))) {
            return word.substring(0, word.length() - 1) + "ies";
        }
        if (word.endsWith("man") && !word.matches(".*(human|german|roman|shaman|ottoman)")) {
            return word.substring(0, word.length() - 3) + "men";
        }
        return word + "s";
    }

    /** Turns {@code cutting or sawing wood} into {@code cut or saw wood} where WordNet knows the verbs. */
    Optional<String> infinitive(String gerundPhrase) {
        return eachVerb(gerundPhrase, this::infinitiveVerb);
    }

    /** Turns {@code have or show parts} into {@code has or shows parts}. */
    static String thirdPerson(String infinitivePhrase) {
        return eachVerb(infinitivePhrase, verb -> Optional.of(thirdPersonVerb(verb)))
                .orElseThrow();
    }

    private static String thirdPersonVerb(String verb) {
        if (verb.equals("have")) {
            return "has";
        }
        if (verb.equals("be")) {
            return "is";
        }
        if (verb.matches(".*(s|x|z|ch|sh|o)")) {
            return verb + "es";
        }
        return verb.matches(".*[^aeiou]y") ? verb.substring(0, verb.length() - 1) + "ies" : verb + "s";
    }

    /** Turns {@code cut or saw wood} into {@code cutting or sawing wood}. */
    Optional<String> gerund(String infinitivePhrase) {
        return eachVerb(infinitivePhrase, verb -> isVerb.test(verb) ? Optional.of(gerundVerb(verb)) : Optional.empty());
    }

    /** Changes the first word, and those joined to it by "and" and "or"; empty where one of them is no verb. */
    private static Optional<String> eachVerb(String phrase, Function<String, Optional<String>> change) {
        String[] words = phrase.split(" ");
        for (int i = 0; i < words.length; i += 2) {
            Optional<String> changed = change.apply(words[i]);
            if (changed.isEmpty()) {
                return Optional.empty();
            }
            words[i] = changed.get();
            if (i + 2 >= words.length || !words[i + 1].matches("and|or")) {
                break;
            }
        }
        return Optional.of(String.join(" ", words));
    }

    private Optional<String> infinitiveVerb(String gerund) {
        if (!gerund.endsWith("ing") || gerund.length() < 6) {
            return Optional.empty();
        }
        String stem = gerund.substring(0, gerund.length() - 3);
        char last = stem.charAt(stem.length() - 1);
        boolean doubled = stem.charAt(stem.length() - 2) == last && "lsfz".indexOf(last) < 0;
        String undoubled = stem.substring(0, stem.length() - 1);
        List<String> candidates = doubled ? List.of(undoubled, stem) : List.of(stem + "e", stem, undoubled);
        if (!doubled && isVerb.test(stem) && !stem.matches(".*[^aeiou][aeiou][^aeiouwxy]")) {
            candidates = List.of(stem);
        }
        return candidates.stream().filter(isVerb).findFirst();
    }

    private static String gerundVerb(String verb) {
        if (verb.endsWith("ie")) {
            return verb.substring(0, verb.length() - 2) + "ying";
        }
        if (verb.endsWith("e") && !verb.matches(".*(ee|oe|ye)") && verb.length() > 2) {
            return verb.substring(0, verb.length() - 1) + "ing";
        }
        return verb.matches("[^aeiou]*[aeiou][^aeiouwxyh]")
                ? verb + verb.charAt(verb.length() - 1) + "ing"
                : verb + "ing";
    }

    /** A capital at the beginning and a full stop at the end, unless another mark stands there. */
    static String sentence(String words) {
        String clean = capital(words.strip());
        return clean.matches("(?s).*[.!?][\"']?") ? clean : clean + ".";
    }

    static String capital(String words) {
        for (int i = 0; i < words.length(); i++) {
            if (Character.isLetter(words.charAt(i))) {
                return words.substring(0, i) + Character.toUpperCase(words.charAt(i)) + words.substring(i + 1);
            }
        }
        return words;
    }

    /** {@code a, b and c}. */
    static String list(List<String> items) {
        if (items.size() < 2) {
            return String.join("", items);
        }
        return String.join(", ", items.subList(0, items.size() - 1)) + " and " + items.getLast();
    }
}
