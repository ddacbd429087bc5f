package dev.cria.primer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.primer.Fact.Thing;
import dev.cria.primer.PrimerOptions.Size;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.sf.extjwnl.data.POS;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Facts and questions against WordNet itself, followed here in another way than the product does. */
final class SyllabusTest {
    private static WordNet wordNet;
    private static Syllabus syllabus;

    @BeforeAll
    static void load() {
        wordNet = WordNet.load();
        syllabus = Syllabus.of(Size.QUICK, 7);
    }

    @Test
    void everyKindIsAboveItsConcept() {
        for (Fact fact : of(Relation.KIND)) {
            Entry kind = ((Thing) fact.value()).entry();
            assertThat(path(fact.subject().entry(), kind)).as("%s", fact).isTrue();
        }
    }

    @Test
    void noWrongKindIsAboveAnySenseOfTheConceptsName() {
        SplittableRandom random = new SplittableRandom(3);
        Options options = new Options(syllabus);
        int checked = 0;
        for (Fact fact : of(Relation.KIND)) {
            for (Fact.Value wrong : options.wrongValues(fact, 3, random)) {
                for (Entry sense :
                        wordNet.senses(POS.NOUN, fact.subject().name().bare())) {
                    assertThat(path(sense, ((Thing) wrong).entry()))
                            .as("%s is %s", fact.subject().name(), wrong)
                            .isFalse();
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThan(500);
    }

    @Test
    void noWrongPartIsAPartOfTheConceptOrOfItsKinds() {
        SplittableRandom random = new SplittableRandom(4);
        Options options = new Options(syllabus);
        for (Fact fact : of(Relation.PART)) {
            for (Fact.Value wrong : options.wrongValues(fact, 3, random)) {
                Entry part = ((Thing) wrong).entry();
                Set<Entry> wholes = wordNet.ancestors(fact.subject().entry());
                assertThat(wholes).noneMatch(whole -> whole.links(Link.HAS_PART).contains(part.id()));
            }
        }
    }

    @Test
    void wrongSubjectsDoNotHaveTheValue() {
        SplittableRandom random = new SplittableRandom(5);
        Options options = new Options(syllabus);
        for (Fact fact : of(Relation.KIND)) {
            for (Fact wrong : options.wrongSubjects(fact, 3, random)) {
                assertThat(path(wrong.subject().entry(), ((Thing) fact.value()).entry()))
                        .isFalse();
            }
        }
    }

    @Test
    void namesMeanOneConceptOnly() {
        List<String> names = syllabus.common().stream()
                .map(concept -> concept.entry().pos() + concept.name().bare())
                .toList();
        assertThat(new HashSet<>(names)).hasSameSizeAs(names);
    }

    @Test
    @Tag("slow")
    void theDemoStatesEveryExaminedFactTwelveTimesAndNearlyAllFacts() {
        Syllabus demo = Syllabus.of(Size.DEMO, 1337);
        Corpus corpus = Corpus.write(demo, new Phrasebook(), new PrimerOptions(Size.DEMO, 1337), Progress.silent());
        List<Fact> stated = demo.facts().stream().filter(Fact::isStated).toList();
        long often = stated.stream()
                .filter(fact -> corpus.statements()[fact.id()] >= Size.DEMO.statements())
                .count();

        assertThat(often).isGreaterThan(stated.size() * 95L / 100).isGreaterThan(1800);
    }

    private static List<Fact> of(Relation relation) {
        return syllabus.facts().stream()
                .filter(fact -> fact.relation() == relation)
                .toList();
    }

    /** Whether hypernyms lead from one entry to another, by plain recursion. */
    private static boolean path(Entry from, Entry to) {
        return from.equals(to)
                || wordNet.targets(from, Link.HYPERNYM).stream().anyMatch(next -> path(next, to))
                || wordNet.targets(from, Link.INSTANCE_OF).stream().anyMatch(next -> path(next, to));
    }
}
