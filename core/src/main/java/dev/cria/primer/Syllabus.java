package dev.cria.primer;

import dev.cria.primer.Fact.Split;
import dev.cria.primer.Fact.Thing;
import dev.cria.primer.PrimerOptions.Size;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.sf.extjwnl.data.POS;

/** What is taught: the concepts, the facts on each, and which of them are held out. */
final class Syllabus {
    private final List<Concept> common;
    private final List<Concept> others;
    private final List<Fact> facts;
    private final Map<Concept, List<Fact>> byConcept = new HashMap<>();
    private final Map<String, List<Concept>> byGroup = new HashMap<>();
    private final HeldOut heldOut;
    private final Truth truth;

    private Syllabus(
            List<Concept> common, List<Concept> others, List<Fact> facts, Truth truth, Collection<Fact> keptOut) {
        this.common = common;
        this.others = others;
        this.facts = facts;
        this.truth = truth;
        this.heldOut = new HeldOut(keptOut);
        facts.forEach(fact -> byConcept
                .computeIfAbsent(fact.subject(), _ -> new ArrayList<>())
                .add(fact));
        common.forEach(concept ->
                byGroup.computeIfAbsent(concept.group(), _ -> new ArrayList<>()).add(concept));
    }

    static Syllabus of(Size size, long seed) {
        WordNet wordNet = WordNet.load();
        English english = new English(wordNet.irregularPlurals(), verb -> !wordNet.senses(POS.VERB, verb)
                .isEmpty());
        WordUse use = new WordUse(wordNet.entries());
        Names names = new Names(wordNet, english, use);
        Definitions definitions = new Definitions(wordNet, english);
        Suitability suitability = new Suitability();
        Categories categories = new Categories(wordNet, names);
        Concepts concepts = new Concepts(wordNet, names, categories, suitability, definitions, use);
        List<Concept> common = concepts.common(size.concepts());
        List<Concept> others = concepts.others(size.others(), common);
        FactBook book = new FactBook(wordNet, names, suitability, definitions, concepts);
        SplittableRandom random = new SplittableRandom(seed ^ 0x5f11ab05L);
        common.forEach(concept -> book.add(concept, random));
        others.forEach(book::addOpenly);
        List<Fact> facts = holdOutBothWays(book.facts());
        return new Syllabus(common, others, facts, new Truth(wordNet), facts);
    }

    /** The same, with more that no document may say. */
    Syllabus keepingOut(Collection<Fact> claims) {
        List<Fact> keptOut = new ArrayList<>(facts);
        keptOut.addAll(claims);
        return new Syllabus(common, others, facts, truth, keptOut);
    }

    /** A fact whose two ends may not stand together in a document is held out, too: hot and cold, cold and hot. */
    private static List<Fact> holdOutBothWays(List<Fact> facts) {
        HeldOut heldOut = new HeldOut(facts);
        return facts.stream()
                .map(fact -> fact.isStated()
                                && fact.value() instanceof Thing thing
                                && !heldOut.allows(fact.subject().name().bare() + " "
                                        + thing.name().bare())
                        ? fact.withSplit(Split.HELDOUT)
                        : fact)
                .toList();
    }

    /** The concepts that benchmarks may ask about. */
    List<Concept> common() {
        return common;
    }

    /** Concepts that are written on once. */
    List<Concept> others() {
        return others;
    }

    /** All facts; a fact's id is its place. */
    List<Fact> facts() {
        return facts;
    }

    List<Fact> facts(Concept concept) {
        return byConcept.getOrDefault(concept, List.of());
    }

    /** The facts on a concept that lessons may state. */
    List<Fact> stated(Concept concept) {
        return facts(concept).stream().filter(Fact::isStated).toList();
    }

    /** Common concepts of the same category, the concept itself left out. */
    List<Concept> siblings(Concept concept) {
        return inGroup(concept)
                .filter(other -> other.category().equals(concept.category()))
                .toList();
    }

    /** Common concepts of the group's other categories. */
    List<Concept> cousins(Concept concept) {
        return inGroup(concept)
                .filter(other -> !other.category().equals(concept.category()))
                .toList();
    }

    private Stream<Concept> inGroup(Concept concept) {
        return byGroup.getOrDefault(concept.group(), List.of()).stream().filter(other -> !other.equals(concept));
    }

    HeldOut heldOut() {
        return heldOut;
    }

    Truth truth() {
        return truth;
    }
}
