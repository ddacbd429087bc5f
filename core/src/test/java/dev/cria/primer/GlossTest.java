package dev.cria.primer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class GlossTest {

    @Test
    void takesTheFirstDefinitionAndTheExamples() {
        Gloss gloss = Gloss.of("having few parts; not complex; \"a simple problem\"; \"simple mechanisms\"");

        assertThat(gloss.definition()).isEqualTo("having few parts");
        assertThat(gloss.examples()).containsExactly("a simple problem", "simple mechanisms");
    }

    @Test
    void leavesOutParenthesesEvenOneInAnother() {
        assertThat(Gloss.of("(music (in print)) a drama (or play) set to music").definition())
                .isEqualTo("a drama set to music");
    }

    @Test
    void keepsHyphenatedNamesButNotTheNameOfAnAuthor() {
        assertThat(Gloss.of("a Mid-Atlantic state; one of the colonies").definition())
                .isEqualTo("a Mid-Atlantic state");
        assertThat(Gloss.of("the soul of wit - Shakespeare").definition()).isEqualTo("the soul of wit");
    }

    @Test
    void isEmptyWhereThereAreExamplesOnly() {
        assertThat(Gloss.of("\"the robin sang loudly\"").definition()).isEmpty();
    }
}
