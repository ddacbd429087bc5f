package dev.cria.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways out of Jinja's and of Java's template engines that have been published lead nowhere. */
final class JinjaEscapeTest {

    private static String outcome(String template) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", List.of(Map.of("role", "user", "content", "Hi")));
        variables.put("tools", Jinja.NONE);
        try {
            return Jinja.parse(template).render(variables, Clock.systemUTC()).text();
        } catch (TemplateException e) {
            return "refused in line " + e.line();
        }
    }

    /** These values have no such attribute, so it prints as nothing, as in the reference's sandbox. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.__class__ }}",
                "{{ messages.__class__ }}",
                "{{ messages[0]['__class__'] }}",
                "{{ messages|attr('__class__') }}",
                "{{ ''|attr('_' ~ '_class__') }}",
                "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
                "{{ messages.class }}",
                "{{ messages.getClass }}",
                "{{ 'a'.class }}",
                "{{ 1.class }}",
                "{{ range.__globals__ }}",
                "{{ ''.format.__globals__ }}",
                "{{ namespace.__init__ }}",
                "{{ raise_exception.__code__ }}",
                "{{ ''.upper.__self__ }}",
                "{{ '{0.__class__}'.format('') }}",
                "{{ '{0[__class__]}'.format({}) }}",
                "{{ '{x.__class__}'.format_map({'x': ''}) }}",
                "{% for x in [1] %}{{ loop.__init__ }}{{ loop.getClass }}{{ loop._iterable }}{% endfor %}",
                "{% macro m() %}{% endmacro %}{{ m.__globals__ }}{{ m._func }}{{ m._environment }}{{ m.getClass }}",
                "{{ ____int3rpr3t3r____ }}",
                "{{ self }}{{ this }}{{ context }}{{ environment }}{{ config }}{{ request }}{{ int3rpr3t3r }}",
                "{{ [''] | map(attribute='__class__') | join }}",
                "{{ [''] | map(attribute='bytes') | join }}{{ [''] | map(attribute='class.name') | join if false }}",
                "{{ [{}] | selectattr('__class__') | list | join }}",
                "{{ messages.append }}{{ messages[0].update }}{{ messages[0].clear }}{{ messages[0].entrySet }}",
                "{{ [1].sort }}{{ [1].stream }}{{ {}.put }}{{ ''.getBytes }}{{ ''.chars }}{{ ''.concat }}"
            })
    void attributesThatLeadOutPrintNothing(String template) {
        assertThat(outcome(template)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.__class__.__mro__ }}",
                "{{ ''.__class__.__mro__[1].__subclasses__() }}",
                "{{ ''['__class__']['__base__'] }}",
                "{{ (''|attr('__class__'))|attr('__mro__') }}",
                "{{ ''.__class__('x') }}",
                "{{ ''.getClass() }}",
                "{{ 'a'.class.forName('java.lang.Runtime') }}",
                "{{ 'a'.getClass().forName('java.lang.Runtime').getMethods() }}",
                "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
                "{{ lipsum.__globals__ }}",
                "{{ self.__init__.__globals__ }}",
                "{{ url_for.__globals__ }}",
                "{{ get_flashed_messages.__globals__ }}",
                "{{ request.application.__globals__ }}",
                "{{ '{0.__class__.__mro__}'.format('') }}",
                "{{ '{0.__class__.__init__.__globals__}'.format(namespace()) }}",
                "{{ range.__self__.__import__('os') }}",
                "{{ ____int3rpr3t3r____.config.objectMapper }}",
                "{{ ____int3rpr3t3r____.getContext() }}",
                "{% for a, b in [____int3rpr3t3r____] %}{{ a }}{{ b }}{% endfor %}",
                "{% for config, context in [namespace] %}{% endfor %}",
                "{% for class, bytes in [1] %}{{ class }}{% endfor %}",
                "{% for class, bytes in ['']|map('list') %}{{ class }}{% endfor %}",
                "{% set messages.role = 1 %}",
                "{% set ''.x = 1 %}",
                "{% set range.x = 1 %}",
                "{{ messages.append(1) }}",
                "{{ messages[0].update({'a': 1}) }}",
                "{{ messages[0].pop('role') }}",
                "{{ messages[0].put('a', 1) }}",
                "{{ [''] | map(attribute='__class__.__mro__') | list }}",
                "{{ [''] | map('attr', '__class__') | map(attribute='__mro__') | list }}",
                "{% include '/etc/passwd' %}",
                "{% extends '/etc/passwd' %}",
                "{% import '/etc/passwd' as p %}",
                "{% from '/etc/passwd' import p %}",
                "{% do messages.append(1) %}",
                "{{ '/etc/passwd'|render }}",
                "{{ '/etc/passwd'|fromjson }}",
                "{{ '/etc/passwd'|pprint }}",
                "{{ type('') }}{{ open('x') }}",
                "{{ eval('1') }}",
                "{{ __import__('os') }}"
            })
    void waysThroughThemAreRefusedWithTheLine(String template) {
        assertThat(outcome("\n" + template)).isEqualTo("refused in line 2");
    }

    @ParameterizedTest
    @CsvSource({
        "a pair of two names takes the keys of a map, '{% for a, b in messages %}{{ a }}{{ b }}{% endfor %}',"
                + " rolecontent",
        "what a variable holds is text, {% set t = '{{ 7 * 7 }}' %}{{ t }}, {{ 7 * 7 }}",
        "a format's braces are its own, {{ '{{{}}}'.format(1) }}, {1}",
    })
    void harmlessNeighboursWork(String why, String template, String expected) {
        String text = outcome(template);
        assertThat(expected.equals("rolecontent") ? text.length() : text)
                .as(why)
                .isEqualTo(expected.equals("rolecontent") ? expected.length() : expected);
    }
}
