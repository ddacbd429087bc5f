package dev.cria.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class TableTest {
    private final Table table = Table.titled("t", "A title", "Word", "Number")
            .row(Cell.of("a \"b\", c\nd | e <f>"), Cell.fixed(0.123456789, 3))
            .row(Cell.NONE, Cell.count(1234567))
            .note("a note")
            .build();

    @Test
    void csvKeepsAllDigitsAndQuotesWhatMustBe() {
        assertThat(table.csv())
                .isEqualTo("Word,Number\r\n\"a \"\"b\"\", c\nd | e <f>\",0.123456789\r\n\"\",1234567\r\n");
    }

    @Test
    void markdownStaysOneRowALine() {
        assertThat(table.markdown()).isEqualTo("""
            **A title**

            | Word | Number |
            | --- | --- |
            | a &quot;b&quot;, c<br>d \\| e &lt;f&gt; | 0.123 |
            | – | 1,234,567 |

            a note
            """);
    }

    @Test
    void refusesARowOfAnotherWidth() {
        assertThatThrownBy(() -> Table.titled("t", "", "a", "b").row(Cell.NONE))
                .hasMessage("table t has 2 columns, a row 1");
    }

    @Test
    void columnWithoutAValueIsNotShown() {
        Table blank = Table.titled("t", "", "Full", "Empty")
                .row(Cell.of("x"), Cell.NONE)
                .build();
        assertThat(TableHtml.of(blank)).contains(">Full<").doesNotContain("Empty");
    }

    @Test
    void numbersSortByTheirValueNotTheirWords() {
        assertThat(TableHtml.of(table)).contains("data-value=\"1234567\">1,234,567<");
    }
}
