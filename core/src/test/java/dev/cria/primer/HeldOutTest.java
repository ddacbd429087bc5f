package dev.cria.primer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.primer.Fact.Split;
import dev.cria.primer.Fact.Thing;
import dev.cria.primer.Name.Number;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sf.extjwnl.data.POS;
import org.junit.jupiter.api.Test;

final class HeldOutTest {
    private final HeldOut heldOut =
            new HeldOut(List.of(fact("robin", "bird", Split.HELDOUT), fact("oak", "tree", Split.STATED)));

    @Test
    void refusesATextThatNamesBothEnds() {
        assertThat(heldOut.allows("Robins sing. So do other birds.")).isFalse();
        assertThat(heldOut.allows("The BIRD is called \"robin\".")).isFalse();
        assertThat(heldOut.allows("\"What does 'robin' name?\" \"A bird,\" said Ben."))
                .isFalse();
        assertThat(heldOut.allows("A robin's nest was the bird's home.")).isFalse();
    }

    @Test
    void allowsOneEndAndOtherFacts() {
        assertThat(heldOut.allows("A robin sang.")).isTrue();
        assertThat(heldOut.allows("A robin sang to the birdie.")).isTrue();
        assertThat(heldOut.allows("An oak is a tree.")).isTrue();
    }

    @Test
    void seesTheSecondEndArriveInALaterSentence() {
        String before = HeldOut.normalise("The bird was small.");

        assertThat(heldOut.allows(before, HeldOut.normalise("It was a robin."))).isFalse();
        assertThat(heldOut.allows(before, HeldOut.normalise("It was a wren."))).isTrue();
    }

    private static Fact fact(String subject, String object, Split split) {
        Concept concept = new Concept(0, entry(0, subject), name(subject), Optional.empty(), 1);
        return new Fact(0, concept, Relation.KIND, new Thing(name(object), entry(1, object)), split);
    }

    private static Name name(String bare) {
        return new Name(bare, bare + "s", Number.COUNT);
    }

    private static Entry entry(int id, String lemma) {
        return new Entry(id, POS.NOUN, id, "noun.animal", List.of(lemma), "", "", List.of(), Map.of());
    }
}
