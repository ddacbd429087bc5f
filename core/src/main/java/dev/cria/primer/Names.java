package dev.cria.primer;

import dev.cria.primer.Name.Number;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.type.TypeReference;

/**
 * Decides whether a noun takes an article, from WordNet's own text: {@code a robin} found in glosses and examples speaks
 * for a noun that is counted, {@code of water} for one that is not. Where neither is found, the kind of meaning decides.
 */
final class Names {
    private static final Set<String> MASS_FILES =
            Set.of("noun.process", "noun.phenomenon", "noun.state", "noun.attribute", "noun.food");
    private static final Set<String> MASS_KINDS =
            Set.of("sport", "game", "science", "religion", "fabric", "subject", "dance");
    private static final Set<String> COUNTED_FILES =
            Set.of("noun.person", "noun.animal", "noun.body", "noun.artifact", "noun.plant", "noun.time");
    private static final Set<String> WITH_ARTICLE = Set.of(
            "river", "sea", "ocean", "desert", "mountain range", "strait", "canal", "gulf", "archipelago", "satellite");

    private final WordNet wordNet;
    private final English english;
    private final WordUse use;
    private final Map<String, Set<String>> words = Resources.yaml("words.yaml", new TypeReference<>() {});

    Names(WordNet wordNet, English english, WordUse use) {
        this.wordNet = wordNet;
        this.english = english;
        this.use = use;
    }

    /** A noun phrase that is known to take an article and a plural. */
    Name counted(String bare) {
        return new Name(bare, english.plural(bare), Number.COUNT);
    }

    /** Whether {@code words.yaml} tells not to write on a word. */
    boolean isSkipped(String word) {
        return isListed("skip", word);
    }

    private boolean isListed(String list, String word) {
        return words.getOrDefault(list, Set.of()).contains(word);
    }

    Name of(Entry entry) {
        return of(entry, entry.name());
    }

    Name of(Entry entry, String lemma) {
        if (!entry.isNoun()) {
            return Name.word(lemma);
        }
        if (entry.isInstance()) {
            return new Name(lemma, lemma, properNumber(entry, lemma));
        }
        return isMass(entry, lemma) ? Name.word(lemma) : counted(lemma);
    }

    private Number properNumber(Entry entry, String lemma) {
        Set<String> kinds = new HashSet<>();
        wordNet.ancestors(entry).forEach(above -> kinds.addAll(above.lemmas()));
        boolean article = kinds.stream().anyMatch(WITH_ARTICLE::contains) && !lemma.startsWith("Lake")
                || lemma.startsWith("United ")
                || lemma.matches(".*(Islands|Republic|Mountains|Empire|Kingdom|Netherlands|Philippines|Bahamas|Middle"
                        + " East|Caribbean)")
                || Character.isLowerCase(lemma.charAt(0))
                || kinds.contains("war");
        return article ? Number.PROPER_WITH_ARTICLE : Number.PROPER;
    }

    private boolean isMass(Entry entry, String lemma) {
        String head = lemma.substring(lemma.lastIndexOf(' ') + 1).toLowerCase(Locale.ROOT);
        if (isListed("mass", head) || isListed("count", head)) {
            return isListed("mass", head);
        }
        int without = use.uncounted(head);
        int withArticle = use.counted(head) + use.uncounted(english.plural(head));
        Set<String> above = namesAbove(entry);
        if (COUNTED_FILES.contains(entry.file()) && !above.contains("fabric")) {
            return without >= 5 && without > 4 * withArticle;
        }
        if (entry.file().equals("noun.substance") || entry.file().equals("noun.feeling")) {
            return withArticle <= 2 * without;
        }
        if (MASS_KINDS.stream().anyMatch(above::contains) && !above.contains("contest")) {
            return true;
        }
        if (withArticle + without >= 4) {
            return without > 2 * withArticle;
        }
        if (head.matches(".*(ness|ity|ism|ics|ology|graphy|ance|ence|hood|ing|wear|ware|ery|tion)")
                && !English.hasDeterminer(entry.definition())) {
            return true;
        }
        return MASS_FILES.contains(entry.file()) && !entry.definition().matches("(a|an|any|one) .*");
    }

    private Set<String> namesAbove(Entry entry) {
        Set<String> names = new HashSet<>();
        wordNet.ancestors(entry).forEach(above -> names.add(above.name()));
        return names;
    }
}
