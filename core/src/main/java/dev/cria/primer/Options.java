package dev.cria.primer;

import dev.cria.primer.Fact.Purpose;
import dev.cria.primer.Fact.Thing;
import dev.cria.primer.Fact.Value;
import dev.cria.primer.Fact.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** Wrong options that are plausible: from siblings first, then cousins, and false according to WordNet. */
final class Options {
    private final Syllabus syllabus;

    Options(Syllabus syllabus) {
        this.syllabus = syllabus;
    }

    /** Values that the fact's relation gives other concepts and that are false of this one; fewer where WordNet is poor. */
    List<Value> wrongValues(Fact fact, int count, SplittableRandom random) {
        List<Value> wrong = new ArrayList<>();
        Set<String> texts = new HashSet<>(Set.of(fact.value().text()));
        for (Fact other : nearest(fact, random)) {
            if (wrong.size() < count
                    && isFalse(fact.subject(), other)
                    && texts.add(other.value().text())
                    && areApart(fact, other, wrong)) {
                wrong.add(other.value());
            }
        }
        return wrong;
    }

    /** Facts on other concepts of which this fact's value is false; their subjects are the wrong options. */
    List<Fact> wrongSubjects(Fact fact, int count, SplittableRandom random) {
        List<Fact> wrong = new ArrayList<>();
        Set<String> names = new HashSet<>(Set.of(fact.subject().name().bare()));
        for (Fact other : nearest(fact, random)) {
            if (wrong.size() < count
                    && isFalse(other.subject(), fact)
                    && names.add(other.subject().name().bare())) {
                wrong.add(other);
            }
        }
        return wrong;
    }

    /** The fact with a wrong value instead of its own. */
    Optional<Fact> falsified(Fact fact, SplittableRandom random) {
        return wrongValues(fact, 1, random).stream()
                .findFirst()
                .map(value -> new Fact(fact.id(), fact.subject(), fact.relation(), value, fact.split()));
    }

    /**
     * Facts of the same relation on other concepts: for kinds those of cousins first, else those of siblings. Before
     * them all come those that are stated, or held out, like the fact itself: a concept that lessons name less often
     * would else be known by that.
     */
    private List<Fact> nearest(Fact fact, SplittableRandom random) {
        Concept concept = fact.subject();
        List<Concept> siblings = Voice.shuffled(syllabus.siblings(concept), random);
        List<Concept> cousins = Voice.shuffled(syllabus.cousins(concept), random);
        List<Concept> order = new ArrayList<>(fact.relation() == Relation.KIND ? cousins : siblings);
        order.addAll(fact.relation() == Relation.KIND ? siblings : cousins);
        List<Concept> rest = new ArrayList<>(syllabus.common());
        order.addAll(Voice.shuffled(rest, random));
        return order.stream()
                .filter(other -> other.entry().pos() == concept.entry().pos())
                .flatMap(other -> syllabus.facts(other).stream())
                .filter(other -> other.relation() == fact.relation())
                .sorted(Comparator.comparing(other -> other.split() != fact.split()))
                .limit(60)
                .toList();
    }

    /** Whether it is false that {@code subject} has the value of {@code other}. */
    private boolean isFalse(Concept subject, Fact other) {
        return switch (other.value()) {
            case Thing thing -> !syllabus.truth().mayHold(subject, other.relation(), thing);
            case Words _ -> isUnrelated(subject, other);
            case Purpose purpose -> isUnrelated(subject, other) && !servesAs(subject, purpose);
        };
    }

    private boolean isUnrelated(Concept subject, Fact other) {
        return !subject.equals(other.subject())
                && !syllabus.truth().areRelated(subject, other.subject().entry());
    }

    /** Whether a thing's own purpose or definition shares a word of weight with this purpose. */
    private boolean servesAs(Concept subject, Purpose purpose) {
        Set<String> words = new HashSet<>(weighty(purpose.infinitive()));
        words.addAll(weighty(purpose.gerund()));
        return weighty(subject.entry().definition()).stream().anyMatch(words::contains);
    }

    private static List<String> weighty(String text) {
        return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z]+"))
                .filter(word -> word.length() > 3)
                .toList();
    }

    /** Whether a wrong kind is neither above nor below the right one, so that it is not true in part. */
    private boolean areApart(Fact fact, Fact other, List<Value> chosen) {
        if (!(fact.value() instanceof Thing right) || !(other.value() instanceof Thing wrong)) {
            return true;
        }
        return chosen.stream().noneMatch(value -> value.text().equals(wrong.text()))
                && !syllabus.truth().areRelated(right.entry(), wrong.entry());
    }

    /** A value as an answer: {@code a bird}, {@code Asia}, {@code cold}, {@code to cut wood}. */
    static String text(Relation relation, Value value) {
        return switch (value) {
            case Thing thing ->
                relation == Relation.OPPOSITE || relation == Relation.SYNONYM
                        ? thing.name().bare()
                        : thing.name().indefinite();
            case Words words -> words.phrase();
            case Purpose purpose -> "to " + purpose.infinitive();
        };
    }
}
