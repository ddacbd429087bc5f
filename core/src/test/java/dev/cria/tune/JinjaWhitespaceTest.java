package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The right column is what Jinja 2.11 and later make of the left one with trim_blocks and lstrip_blocks. */
final class JinjaWhitespaceTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`a {% x %} b`                | `a {% x %} b`",
                "`a\\n  {% x %}\\n  b`        | `a\\n{% x %}  b`",
                "`  {% x %}\\n\\n b`          | `{% x %}\\n b`",
                "`a\\n  {%- x -%}\\n  b`      | `a{% x %}b`",
                "`a\\n  {%+ x +%}\\n  b`      | `a\\n  {% x %}\\n  b`",
                "`a\\n  {{ x }}\\n  b`        | `a\\n  {{ x }}\\n  b`",
                "`a\\n  {{- x -}}\\n  b`      | `a{{ x }}b`",
                "`a {# {{ x }} #}\\nb`        | `a b`",
                "`  {#- c -#}  b`             | `b`",
                "`{% x %}\\n  {% y %}\\nb`    | `{% x %}{% y %}b`",
                "`{{ x }} {% y %}`            | `{{ x }} {% y %}`",
                "`{{ '}}' + \"%}\" }}\\n`     | `{{ '}}' + \"%}\" }}`",
                "`{{ '\\'}}' }}a`             | `{{ '\\'}}' }}a`",
                "`a\\n\\n`                    | `a\\n`",
                "`{% generation %}\\nb{% endgeneration %}` | `b`",
                "`{%- x %}\\n    {{- y }}\\n{%- z %}` | `{% x %}{{ y }}{% z %}`",
                "`{`                          | `{`",
                "`a{%`                        | `a{%  %}`"
            })
    void resolvesAsJinjaDoes(String template, String plain) {
        assertThat(JinjaWhitespace.resolve(unescaped(template))).isEqualTo(unescaped(plain));
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n");
    }
}
