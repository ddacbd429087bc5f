package dev.cria.primer;

import dev.cria.primer.Fact.Split;
import dev.cria.primer.Fact.Thing;
import dev.cria.primer.Fact.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** All facts on the chosen concepts, read from WordNet, some of them held out. */
final class FactBook {
    /** The part of the common concepts whose meaning no document tells, and of their other facts. */
    private static final double HELD_OUT = 0.11;

    private static final int PARTS = 4;

    private final WordNet wordNet;
    private final Names names;
    private final Suitability suitability;
    private final Definitions definitions;
    private final Concepts concepts;
    private final List<Fact> facts = new ArrayList<>();
    private final Map<Concept, List<Fact>> byConcept = new HashMap<>();

    FactBook(WordNet wordNet, Names names, Suitability suitability, Definitions definitions, Concepts concepts) {
        this.wordNet = wordNet;
        this.names = names;
        this.suitability = suitability;
        this.definitions = definitions;
        this.concepts = concepts;
    }

    List<Fact> facts() {
        return facts;
    }

    List<Fact> of(Concept concept) {
        return byConcept.getOrDefault(concept, List.of());
    }

    /** Reads the facts on a concept; {@code random} decides which of them no document may state. */
    void add(Concept concept, SplittableRandom random) {
        add(concept, () -> random.nextDouble() < HELD_OUT);
    }

    /** Reads the facts on a concept of which nothing is held out. */
    void addOpenly(Concept concept) {
        add(concept, () -> false);
    }

    private void add(Concept concept, BooleanSupplier heldOut) {
        List<Fact> own = new ArrayList<>();
        boolean meaning = heldOut.getAsBoolean();
        read(concept).forEach((relation, values) -> {
            for (Value value : values) {
                boolean held = relation.isMeaning() ? meaning : heldOut.getAsBoolean();
                Split split = held ? Split.HELDOUT : Split.STATED;
                own.add(new Fact(facts.size() + own.size(), concept, relation, value, split));
            }
        });
        facts.addAll(own);
        byConcept.put(concept, List.copyOf(own));
    }

    private Map<Relation, List<Value>> read(Concept concept) {
        Map<Relation, List<Value>> found = new EnumMap<>(Relation.class);
        Entry entry = concept.entry();
        switch (entry.pos()) {
            case NOUN -> {
                found.put(Relation.KIND, kinds(concept));
                put(found, Relation.DEFINITION, definitions.of(entry, concept.name()));
                if (isHandy(concept)) {
                    put(found, Relation.USE, definitions.purpose(entry));
                }
                found.put(Relation.PART, entry.isInstance() ? List.of() : things(concept, Link.HAS_PART, PARTS));
                found.put(Relation.PLACE, entry.isInstance() ? things(concept, Link.PART_OF, 1) : List.of());
                found.put(Relation.SUBSTANCE, isFruit(concept) ? List.of() : things(concept, Link.HAS_SUBSTANCE, 2));
            }
            case VERB -> {
                put(found, Relation.MEANING, definitions.of(entry, concept.name()));
                found.put(Relation.WAY, things(concept, Link.HYPERNYM, 1));
            }
            default -> put(found, Relation.QUALITY, definitions.of(entry, concept.name()));
        }
        found.put(Relation.OPPOSITE, things(concept, Link.ANTONYM, 1));
        put(found, Relation.SYNONYM, synonym(concept));
        return found;
    }

    private static void put(Map<Relation, List<Value>> found, Relation relation, Optional<? extends Value> value) {
        found.put(relation, value.<List<Value>>map(List::of).orElse(List.of()));
    }

    private List<Value> kinds(Concept concept) {
        List<Value> kinds = new ArrayList<>();
        Set<String> said = new HashSet<>();
        concept.category().ifPresent(category -> {
            kinds.add(new Thing(category.name(), category.entry()));
            said.add(category.name().bare());
        });
        List<Entry> direct = new ArrayList<>(wordNet.targets(concept.entry(), Link.HYPERNYM));
        direct.addAll(wordNet.targets(concept.entry(), Link.INSTANCE_OF));
        for (Entry above : direct) {
            Name name = names.of(above);
            boolean known = concepts.frequency(name.bare()) >= 5 && wordNet.isFirstSense(above, above.name());
            boolean proper = concept.category().isEmpty() || isTellable(concept, above) && known;
            boolean repeats =
                    concept.category().filter(c -> c.entry().equals(above)).isPresent();
            if (kinds.size() < 2
                    && !repeats
                    && proper
                    && name.isCount()
                    && !English.looksPlural(name.bare())
                    && said.add(name.bare())) {
                kinds.add(new Thing(name, above));
            }
        }
        return kinds;
    }

    /** Whether one can take the thing in order to use it; a kitchen is used, but not taken. */
    private static boolean isHandy(Concept concept) {
        String category = concept.category().map(c -> c.name().bare()).orElse("");
        return concept.entry().file().equals("noun.artifact") && !category.matches("room|building|shop|road|bridge");
    }

    /** WordNet has wine as a substance of the grape. */
    private static boolean isFruit(Concept concept) {
        return concept.category().filter(c -> c.name().bare().equals("fruit")).isPresent();
    }

    private List<Value> things(Concept concept, Link link, int limit) {
        List<Value> found = new ArrayList<>();
        for (Entry target : wordNet.targets(concept.entry(), link)) {
            if (found.size() < limit && isTellable(concept, target) && isPlain(link, target)) {
                found.add(new Thing(names.of(target), target));
            }
        }
        return found;
    }

    private boolean isPlain(Link link, Entry target) {
        String name = target.name();
        return switch (link) {
            case ANTONYM, HYPERNYM -> concepts.frequency(name) >= 3;
            case PART_OF -> target.isInstance();
            default ->
                concepts.frequency(name) >= 4
                        && wordNet.isFirstSense(target, name)
                        && !English.looksPlural(name)
                        && !name.matches(".* (artery|vein|nerve|bed|muscle|gland)");
        };
    }

    private boolean isTellable(Concept concept, Entry target) {
        String name = target.name().toLowerCase(Locale.ROOT);
        String own = concept.name().bare().toLowerCase(Locale.ROOT);
        return name.matches("[a-z]{3,}( [a-z]{3,})?")
                && suitability.allows(wordNet, target)
                && !name.contains(own)
                && !own.contains(name);
    }

    private Optional<Thing> synonym(Concept concept) {
        Entry entry = concept.entry();
        String own = entry.name().toLowerCase(Locale.ROOT);
        return entry.lemmas().stream()
                .skip(1)
                .filter(lemma -> lemma.matches("[a-z]{3,14}( [a-z]{3,9})?") && wordNet.isFirstSense(entry, lemma))
                .filter(lemma -> Arrays.stream(lemma.split(" ")).allMatch(word -> concepts.frequency(word) >= 4))
                .filter(lemma -> !lemma.contains(own) && !own.contains(lemma) && !lemma.startsWith(own.substring(0, 3)))
                .findFirst()
                .map(lemma -> new Thing(names.of(entry, lemma), entry));
    }
}
