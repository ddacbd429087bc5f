package dev.cria.primer;

import dev.cria.primer.Fact.Thing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether WordNet allows a statement, so that no wrong option is true. It errs on the side of truth: every meaning of
 * both words counts, and relations are followed through kinds and parts.
 */
final class Truth {
    private final WordNet wordNet;
    private final Map<Entry, Set<Entry>> above = new ConcurrentHashMap<>();

    Truth(WordNet wordNet) {
        this.wordNet = wordNet;
    }

    /** Whether the statement that {@code subject} stands in {@code relation} to {@code object} may be true. */
    boolean mayHold(Concept subject, Relation relation, Thing object) {
        String lemma = object.entry().name();
        if (subject.name().bare().equalsIgnoreCase(object.name().bare())
                || subject.entry().equals(object.entry())) {
            return true;
        }
        return switch (relation) {
            case KIND, WAY -> isKind(subject, object.entry());
            case PART, SUBSTANCE ->
                reaches(subject, object.entry(), Link.HAS_PART, Link.HAS_SUBSTANCE, Link.HAS_MEMBER);
            case PLACE -> reaches(subject, object.entry(), Link.PART_OF, Link.MEMBER_OF, Link.INSTANCE_OF);
            case OPPOSITE -> isOpposite(subject, object.entry());
            case SYNONYM -> sharesMeaning(subject, lemma);
            case DEFINITION, MEANING, QUALITY, USE -> areRelated(subject, object.entry());
        };
    }

    private boolean isKind(Concept subject, Entry object) {
        Set<Entry> objects = new HashSet<>(wordNet.senses(object.pos(), object.name()));
        objects.add(object);
        return above(subject.entry()).stream().anyMatch(objects::contains);
    }

    /** All that any meaning of the entry's name is a kind of. */
    private Set<Entry> above(Entry entry) {
        return above.computeIfAbsent(entry, e -> {
            List<Entry> senses = new ArrayList<>(wordNet.senses(e.pos(), e.name()));
            senses.add(e);
            return wordNet.ancestors(senses);
        });
    }

    private boolean reaches(Concept subject, Entry object, Link... links) {
        Set<String> words = words(object);
        Set<Entry> seen = new HashSet<>(above(subject.entry()));
        List<Entry> open = new ArrayList<>(seen);
        while (!open.isEmpty()) {
            Entry next = open.removeLast();
            for (Link link : links) {
                for (Entry target : wordNet.targets(next, link)) {
                    if (words(target).stream().anyMatch(words::contains)) {
                        return true;
                    }
                    if (seen.add(target)) {
                        open.add(target);
                    }
                }
            }
        }
        return false;
    }

    private static Set<String> words(Entry entry) {
        Set<String> words = new HashSet<>();
        entry.lemmas().forEach(lemma -> words.add(lemma.toLowerCase(Locale.ROOT)));
        return words;
    }

    private boolean isOpposite(Concept subject, Entry object) {
        Set<Entry> near = new HashSet<>();
        for (Entry sense : wordNet.senses(subject.entry().pos(), subject.entry().name())) {
            for (Entry similar : around(sense)) {
                wordNet.targets(similar, Link.ANTONYM).forEach(opposite -> near.addAll(around(opposite)));
            }
        }
        List<Entry> objects = wordNet.senses(object.pos(), object.name());
        return objects.stream().anyMatch(near::contains);
    }

    private List<Entry> around(Entry entry) {
        List<Entry> all = new ArrayList<>(wordNet.targets(entry, Link.SIMILAR));
        all.add(entry);
        return all;
    }

    private boolean sharesMeaning(Concept subject, String lemma) {
        Set<Entry> meanings = new HashSet<>();
        wordNet.senses(subject.entry().pos(), subject.entry().name()).forEach(sense -> meanings.addAll(around(sense)));
        return wordNet.senses(subject.entry().pos(), lemma).stream().anyMatch(meanings::contains);
    }

    /** Whether one is a kind of the other, or they share a meaning: too close for one to be a wrong answer. */
    boolean areRelated(Concept subject, Entry other) {
        return areRelated(subject.entry(), other);
    }

    boolean areRelated(Entry one, Entry other) {
        List<Entry> senses = wordNet.senses(other.pos(), other.name());
        List<Entry> own = wordNet.senses(one.pos(), one.name());
        return senses.stream().anyMatch(above(one)::contains) || own.stream().anyMatch(above(other)::contains);
    }
}
