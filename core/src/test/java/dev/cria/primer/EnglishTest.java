package dev.cria.primer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EnglishTest {
    private static final Set<String> VERBS = Set.of(
            "cut", "bake", "roast", "drive", "hold", "carry", "have", "be", "pass", "tie", "slow", "stop", "store",
            "see");
    private final English english = new English(Map.of("mouse", "mice"), VERBS::contains);

    @ParameterizedTest
    @CsvSource({
        "robin, a robin",
        "owl, an owl",
        "hour, an hour",
        "unit of time, a unit of time",
        "uninvited guest, an uninvited guest",
        "university, a university",
        "European country, a European country",
        "American state, an American state",
        "utensil, a utensil",
        "umbrella, an umbrella",
        "one-way street, a one-way street"
    })
    void choosesTheArticleBySound(String noun, String expected) {
        assertThat(English.withArticle(noun)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "robin, robins",
        "mouse, mice",
        "box, boxes",
        "city, cities",
        "toy, toys",
        "policeman, policemen",
        "human, humans",
        "piece of furniture, pieces of furniture",
        "field mouse, field mice"
    })
    void makesPluralsByTheHeadOfAPhrase(String noun, String expected) {
        assertThat(english.plural(noun)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "cutting wood, cut wood",
        "baking or roasting, bake or roast",
        "driving screws, drive screws",
        "holding things, hold things",
        "passing the time, pass the time"
    })
    void turnsGerundsIntoInfinitivesAndBack(String gerund, String infinitive) {
        assertThat(english.infinitive(gerund)).contains(infinitive);
        assertThat(english.gerund(infinitive)).contains(gerund);
    }

    @Test
    void leavesAloneWhatIsNoVerb() {
        assertThat(english.infinitive("lodging and meals")).isEmpty();
        assertThat(english.gerund("furniture")).isEmpty();
    }

    @Test
    void agreesWithAThirdPerson() {
        assertThat(English.thirdPerson("have few parts")).isEqualTo("has few parts");
        assertThat(English.thirdPerson("carry or pass water")).isEqualTo("carries or passes water");
    }

    @Test
    void endsASentenceOnce() {
        assertThat(English.sentence("a robin is a bird")).isEqualTo("A robin is a bird.");
        assertThat(English.sentence("\"robin\" is a word?")).isEqualTo("\"Robin\" is a word?");
        assertThat(English.list(List.of("a", "b", "c"))).isEqualTo("a, b and c");
    }
}
