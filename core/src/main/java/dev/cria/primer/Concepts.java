package dev.cria.primer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import net.sf.extjwnl.data.POS;

/**
 * Chooses the concepts to write on. Commonness comes from WordNet itself: how often its glosses and examples use the
 * word, how often tagged texts do, and how short the word is. A concept's name must mean it first of all.
 */
final class Concepts {
    private static final double ADJECTIVES = 0.11;
    private static final double VERBS = 0.09;
    private static final Pattern NAME = Pattern.compile("[A-Za-z][a-z]{2,12}( [A-Z]?[a-z]{2,9})?");

    /** An entry that may be chosen; its name is worked out only if it is. */
    private record Candidate(Entry entry, Optional<Category> category, double commonness) {

        String shelf() {
            return switch (entry.pos()) {
                case ADJECTIVE -> "adjectives";
                case VERB -> "verbs";
                default -> category.map(Category::group).orElse(entry.file());
            };
        }
    }

    private static final Comparator<Candidate> BY_COMMONNESS = Comparator.comparingDouble(
                    (Candidate candidate) -> -candidate.commonness())
            .thenComparing(candidate -> candidate.entry().id());

    private final WordNet wordNet;
    private final Names names;
    private final Categories categories;
    private final Suitability suitability;
    private final Definitions definitions;
    private final Map<String, Integer> frequency = new HashMap<>();

    Concepts(WordNet wordNet, Names names, Categories categories, Suitability suitability, Definitions definitions) {
        this.wordNet = wordNet;
        this.names = names;
        this.categories = categories;
        this.suitability = suitability;
        this.definitions = definitions;
        for (Entry entry : wordNet.entries()) {
            for (String word : entry.gloss().toLowerCase(Locale.ROOT).split("[^a-z']+")) {
                frequency.merge(word, 1, Integer::sum);
            }
        }
    }

    /** The commonest concepts, from every group its share. */
    List<Concept> common(int count) {
        Map<String, List<Candidate>> groups = new LinkedHashMap<>();
        for (Entry entry : wordNet.entries()) {
            candidate(entry).ifPresent(candidate -> groups.computeIfAbsent(candidate.shelf(), _ -> new ArrayList<>())
                    .add(candidate));
        }
        groups.values().forEach(group -> group.sort(BY_COMMONNESS));
        int total = categories.shares().values().stream().mapToInt(i -> i).sum();
        List<Candidate> chosen = new ArrayList<>();
        groups.forEach((group, candidates) -> {
            double share =
                    switch (group) {
                        case "adjectives" -> ADJECTIVES;
                        case "verbs" -> VERBS;
                        default ->
                            (1 - ADJECTIVES - VERBS) * categories.shares().getOrDefault(group, 0) / total;
                    };
            chosen.addAll(candidates.subList(0, Math.min(candidates.size(), (int) Math.round(share * count))));
        });
        return numbered(chosen, 0);
    }

    /** Further concepts that a lesson can be written on, commonest first. */
    List<Concept> others(int count, Collection<Concept> taken) {
        Set<Entry> used = new HashSet<>();
        taken.forEach(concept -> used.add(concept.entry()));
        List<Candidate> found = new ArrayList<>();
        for (Entry entry : count == 0 ? List.<Entry>of() : wordNet.entries()) {
            if (isPlain(entry)
                    && !used.contains(entry)
                    && isClear(entry)
                    && definitions.of(entry, names.of(entry)).isPresent()) {
                found.add(candidate(entry, categories.of(entry)));
            }
        }
        found.sort(BY_COMMONNESS);
        return numbered(found.subList(0, Math.min(count, found.size())), taken.size());
    }

    private static boolean isPlain(Entry entry) {
        boolean isTaxon = Character.isUpperCase(entry.name().charAt(0)) && !entry.isInstance();
        return entry.pos() != POS.ADVERB
                && !isTaxon
                && entry.name().matches("[A-Za-z][a-z]+([ -][A-Za-z]?[a-z]+){0,2}");
    }

    private Optional<Candidate> candidate(Entry entry) {
        String name = entry.name();
        if (!NAME.matcher(name).matches()
                || names.isSkipped(name.toLowerCase(Locale.ROOT))
                || !isClear(entry)
                || entry.isNoun() && categories.of(entry).isEmpty()
                || dominated(entry)) {
            return Optional.empty();
        }
        return switch (entry.pos()) {
            case NOUN -> noun(entry);
            case ADJECTIVE -> entry.links(Link.ANTONYM).isEmpty() ? Optional.empty() : word(entry);
            case VERB -> entry.links(Link.HYPERNYM).isEmpty() || name.contains(" ") ? Optional.empty() : word(entry);
            default -> Optional.empty();
        };
    }

    private Optional<Candidate> noun(Entry entry) {
        Optional<Category> category = categories.of(entry);
        boolean isPlace = category.filter(
                        c -> c.group().equals("places") || c.group().equals("land"))
                .isPresent();
        boolean looksPlural = English.looksPlural(entry.name()) && !entry.isInstance();
        boolean capital = Character.isUpperCase(entry.name().charAt(0));
        if (category.isEmpty()
                || looksPlural
                || entry.isInstance() && !isPlace
                || !entry.isInstance() && capital
                || !entry.isInstance() && entry.name().contains(" ")) {
            return Optional.empty();
        }
        return Optional.of(candidate(entry, category));
    }

    private Optional<Candidate> word(Entry entry) {
        return definitions.of(entry, names.of(entry)).map(_ -> candidate(entry, Optional.empty()));
    }

    private Candidate candidate(Entry entry, Optional<Category> category) {
        return new Candidate(entry, category, commonness(entry));
    }

    private boolean isClear(Entry entry) {
        return wordNet.isFirstSense(entry, entry.name()) && suitability.allows(wordNet, entry);
    }

    /** Whether readers would take the word for another part of speech, or for a form of another word. */
    private boolean dominated(Entry entry) {
        String name = entry.name();
        int own = uses(wordNet.senses(entry.pos(), name), name);
        for (POS pos : List.of(POS.NOUN, POS.VERB, POS.ADJECTIVE, POS.ADVERB)) {
            int other = uses(wordNet.senses(pos, name), name);
            if (pos != entry.pos() && (other > own || pos == POS.NOUN && other == own && other > 0)) {
                return true;
            }
        }
        return entry.pos() != POS.VERB && wordNet.isIrregularVerbForm(name);
    }

    private int uses(List<Entry> senses, String word) {
        return senses.stream().mapToInt(sense -> wordNet.uses(sense, word)).sum();
    }

    double frequency(String word) {
        String head = word.substring(word.lastIndexOf(' ') + 1).toLowerCase(Locale.ROOT);
        return frequency.getOrDefault(head, 0);
    }

    private double commonness(Entry entry) {
        double text = entry.name().contains(" ") ? 2 : frequency(entry.name());
        double purpose = entry.file().equals("noun.artifact")
                        && definitions.purpose(entry).isPresent()
                ? 2
                : 0;
        double parts =
                entry.links(Link.HAS_PART).size() + entry.links(Link.PART_OF).size();
        return Math.log(1 + text)
                + Math.log(1 + wordNet.uses(entry, entry.name()))
                + purpose
                + 0.3 * Math.log(1 + parts)
                - 0.08 * entry.name().length();
    }

    private List<Concept> numbered(List<Candidate> chosen, int first) {
        List<Concept> concepts = new ArrayList<>();
        for (Candidate c : chosen) {
            concepts.add(
                    new Concept(first + concepts.size(), c.entry(), names.of(c.entry()), c.category(), c.commonness()));
        }
        return concepts;
    }
}
