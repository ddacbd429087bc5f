package dev.cria.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HtmlTest {
    @Test
    void namesBreakWhereTheyHaveJointsAndNowhereElse() {
        assertThat(Html.breakable("gopher_repetition.top_2_gram"))
                .isEqualTo("gopher_<wbr>repetition.<wbr>top_<wbr>2_<wbr>gram");
        assertThat(Html.breakable("/data/a.parquet: no <text>."))
                .isEqualTo("/<wbr>data/<wbr>a.<wbr>parquet: no &lt;text&gt;.");
    }

    @Test
    void valuesOfATemplateAreNotFilledAgain() {
        assertThat(Html.fill("<p>{{a}}{{none}}</p>", Map.of("a", "{{b}} $1", "b", "never")))
                .isEqualTo("<p>{{b}} $1</p>");
    }

    @Test
    void pageOfNoRunIsMadeOfTheSameParts() {
        var section = new Section(
                "s",
                "What `x` did",
                "Words & more.",
                List.of(new Section.Part.Card("A <b>", "<i>drawn</i>", "in/paths_of")),
                "");
        var missing = new Section("m", "More", "", List.of(), "another file");
        var kept = new Section("k", "Unasked", "", List.of(), "");

        String page = Page.of(
                new Page.Head("T", "test page", "at a/b", "the end"),
                List.of(new Tile("l", "v", "d")),
                List.of(section, missing, kept));

        assertThat(page)
                .contains("<title>T · Cria test page</title>", "at a/<wbr>b", "What <code>x</code> did", "<i>drawn</i>")
                .contains("A &lt;b&gt;", "<dd class=\"value\">v</dd>", "More: another file", "the end")
                .doesNotContain("Unasked", "{{");
    }
}
