package dev.cria.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A template can ask for any amount of time, memory, output and nesting; it is refused, with its line. */
final class JinjaLimitsTest {

    private static String rendered(String template) {
        Map<String, Object> variables = Map.of("messages", List.of(Map.of("role", "user", "content", "Hi")));
        return Jinja.parse(template).render(variables, Clock.systemUTC()).text();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Time.
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% for a in range(9999) %}{% for b in range(9999) %}{{ '' }}{% endfor %}{% endfor %}",
                "{% set s = 'a' * 9000000 %}{% for a in range(99999) %}{{ 'b' if 'b' in s }}{% endfor %}",
                "{{ ('a' * 4000000 ~ 'b') in ('a' * 9000000) }}",
                "{{ ('a' * 9000000).replace('a' * 4000000 ~ 'b', '') }}",
                "{{ ('a' * 9000000).count('a' * 4000000 ~ 'b') }}",
                "{{ ('a' * 9000000).find('a' * 4000000 ~ 'b') }}",
                "{{ ('a' * 9000000).split('a' * 4000000 ~ 'b') }}",
                "{% set s = 'a' * 9000000 %}{% for a in range(99999) %}{{ '' if s|length }}{% endfor %}",
                "{% set s = 'a' * 9000000 %}{% for a in range(99999) %}{{ '' if s.isalpha() }}{% endfor %}",
                "{% set s = 'a' * 9000000 %}{% for a in range(99999) %}{{ '' if s is lower }}{% endfor %}",
                "{% set s = 'a' * 9000000 %}{% for a in range(99999) %}{{ '' if s[-1] }}{% endfor %}",
                "{% set l = ['a'] * 99999 %}{% for a in range(99999) %}{{ '' if 'b' in l }}{% endfor %}",
                "{% set l = [1] * 99999 %}{% for a in range(99999) %}{{ '' if l == l[:] }}{% endfor %}",
                "{% set x = 10 ** 4000 %}{% for a in range(99999) %}{% for b in range(999) %}{{ '' if x // 3 }}{%"
                        + " endfor %}{% endfor %}",
                "{% set t = (1,) * 99999 %}{% for a in range(99999) %}{{ '' if t in {} }}{% endfor %}",
                "{% macro f(n) %}{{ f(n - 1) if n }}{{ f(n - 1) if n }}{% endmacro %}{{ f(60) }}",
                // Memory.
                "{{ 'a' * 10 ** 9 }}",
                "{{ 'a' * 10 ** 20 }}",
                "{{ [1] * 10 ** 9 }}",
                "{% set ns = namespace(s='ab') %}{% for a in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(l=[1]) %}{% for a in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
                "{% set ns = namespace(l=[1]) %}{% for a in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{"
                        + " ns.l }}",
                "{% set ns = namespace(l=[]) %}{% for a in range(9999) %}{% set ns.l = ns.l + ['a' * 9999999 ~ a] %}{%"
                        + " endfor %}",
                "{{ 10 ** (10 ** 10) }}",
                "{{ 2 ** 99999999 }}",
                "{% set ns = namespace(n=7) %}{% for a in range(60) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
                "{{ range(10 ** 9) }}",
                "{{ ('a,' * 5000000).split(',') }}",
                "{{ ('a\\n' * 5000000).splitlines() }}",
                "{{ ('a ' * 5000000).split() }}",
                "{{ '%999999999s' % 1 }}",
                "{{ '%*s' % (999999999, 1) }}",
                "{{ '%.999999f' % 1.5 }}",
                "{{ '{:999999999}'.format(1) }}",
                "{{ '{:.999999f}'.format(1.5) }}",
                "{{ 'a'.ljust(10 ** 9) }}",
                "{{ 'a'.center(10 ** 9) }}",
                "{{ 'a'|center(10 ** 9) }}",
                "{{ 'a'.zfill(10 ** 9) }}",
                "{{ '\\t'.expandtabs(10 ** 9) }}",
                "{{ 'a\\nb'|indent(10 ** 9) }}",
                "{{ [1]|tojson(indent=10 ** 9) }}",
                "{{ [1]|batch(10 ** 9, 'x')|list }}",
                "{{ [1]|slice(10 ** 9)|list }}",
                "{{ ('a' * 9000000)|replace('a', 'bcd') }}",
                "{{ 'x'.join(['a' * 9000000] * 9) }}",
                "{{ ('a' * 9000000)|list }}",
                "{{ strftime_now('%c' * 999999) }}",
                // Output.
                "{% for a in range(99999) %}{{ 'a' * 999 }}{% endfor %}",
                "{% macro f() %}{% for a in range(99999) %}{{ 'a' * 999 }}{% endfor %}{% endmacro %}{{ f() }}",
                // Nesting.
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}{% call f() %}{{ g() }}{% endcall %}{%"
                        + " endmacro %}{{ g() }}",
                "{% set ns = namespace() %}{% set ns.ns = ns %}{{ ns }}",
                "{% set ns = namespace(l=[]) %}{% for a in range(999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
                "{% set ns = namespace(d={}) %}{% for a in range(999) %}{% set ns.d = {'d': ns.d} %}{% endfor %}{{"
                        + " ns.d|tojson }}",
                "{% set ns = namespace(g=[1]) %}{% for a in range(99999) %}{% set ns.g = ns.g|map('string') %}{%"
                        + " endfor %}{{ ns.g|list }}",
            })
    void whatHasNoBoundIsRefused(String template) {
        assertThatThrownBy(() -> rendered("\n" + template))
                .isInstanceOfSatisfying(
                        TemplateException.class, e -> assertThat(e.line()).isEqualTo(2));
    }

    @Test
    void deepSourcesAreRefused() {
        for (String pair : List.of("()", "[]", "-", "not ", "a if b else ", "{'a':", "f(", "a[", "(a,")) {
            String open = pair.equals("()") ? "(" : pair.equals("[]") ? "[" : pair;
            assertThatThrownBy(() -> rendered("{{ " + open.repeat(50_000))).isInstanceOf(TemplateException.class);
        }
        assertThatThrownBy(() -> rendered("{{ 1" + " + 1".repeat(50_000) + " }}"))
                .isInstanceOf(TemplateException.class);
        assertThatThrownBy(() -> rendered("{{ 1" + "|string".repeat(50_000) + " }}"))
                .isInstanceOf(TemplateException.class);
        assertThatThrownBy(() -> rendered("{% if 1 %}".repeat(50_000))).isInstanceOf(TemplateException.class);
        assertThatThrownBy(() -> rendered("{% set " + "(".repeat(50_000))).isInstanceOf(TemplateException.class);
    }

    @Test
    void longConversationsAreRendered() {
        Map<String, Object> message = Map.of("role", "user", "content", "word ".repeat(200));
        Map<String, Object> variables = Map.of("messages", java.util.Collections.nCopies(2_000, message));
        String template =
                "{% for m in messages %}{{ '<' + m.role + '>' + m.content | trim }}{% if loop.last %}end{% endif %}"
                        + "{% endfor %}";
        assertThat(Jinja.parse(template).render(variables, Clock.systemUTC()).text())
                .hasSize(2_000 * (6 + 999) + 3);
    }
}
