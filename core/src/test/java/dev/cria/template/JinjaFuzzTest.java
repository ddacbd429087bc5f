package dev.cria.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Templates put together at random, and sound ones with a few characters changed, are rendered or refused with a line. */
final class JinjaFuzzTest {
    private static final List<String> PIECES = List.of(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "-",
            "+",
            "if",
            "elif",
            "else",
            "endif",
            "for",
            "in",
            "endfor",
            "set",
            "endset",
            "macro",
            "endmacro",
            "call",
            "endcall",
            "filter",
            "endfilter",
            "with",
            "endwith",
            "raw",
            "endraw",
            "generation",
            "endgeneration",
            "break",
            "continue",
            "recursive",
            "is",
            "not",
            "and",
            "or",
            "defined",
            "messages",
            "loop",
            "x",
            "ns",
            "namespace",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ".",
            ",",
            ":",
            "|",
            "~",
            "=",
            "==",
            "<",
            "*",
            "**",
            "/",
            "//",
            "%",
            "'a'",
            "\"b\"",
            "1",
            "2.5",
            "none",
            "true",
            "upper",
            "tojson",
            "map",
            "join",
            "content",
            "role",
            "items",
            "range",
            "\n",
            " ",
            "  ",
            "é",
            "🦙",
            "'",
            "\\",
            "\u0000",
            "\ud83e",
            "__class__",
            "99999999999",
            "split",
            "format",
            "'{}'");

    private static final Map<String, Object> VARIABLES = new HashMap<>(Map.of(
            "messages",
            List.of(Map.of("role", "user", "content", "Hi 🦙")),
            "add_generation_prompt",
            true,
            "tools",
            Jinja.NONE));

    @Test
    void anyTemplateIsRenderedOrRefusedWithItsLine() throws Exception {
        assertThat(run(6_000, 20260101)).isGreaterThan(300);
    }

    @Test
    @Tag("slow")
    void manyMoreTemplatesAreRenderedOrRefusedWithTheirLine() throws Exception {
        assertThat(run(400_000, 7)).isGreaterThan(20_000);
    }

    private static int run(int count, long seed) throws Exception {
        Random random = new Random(seed);
        JsonNode cases = JinjaOracleTest.goldens().path("cases");
        int rendered = 0;
        for (int i = 0; i < count; i++) {
            String template = i % 2 == 0
                    ? pieces(random)
                    : changed(
                            cases.get(random.nextInt(cases.size()))
                                    .path("template")
                                    .stringValue(),
                            random);
            rendered += isRendered(template) ? 1 : 0;
        }
        return rendered;
    }

    private static boolean isRendered(String template) {
        try {
            Jinja.parse(template).render(VARIABLES, Clock.systemUTC());
            return true;
        } catch (TemplateException e) {
            assertThat(e.line())
                    .as(template)
                    .isBetween(1, (int) template.lines().count() + 2);
            assertThat(e.reason()).isNotBlank();
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError(template, e);
        }
    }

    private static String pieces(Random random) {
        StringBuilder template = new StringBuilder();
        for (int i = random.nextInt(12); i >= 0; i--) {
            boolean print = random.nextBoolean();
            template.append(print ? "{{ " : "{% ");
            for (int j = random.nextInt(6); j >= 0; j--) {
                template.append(PIECES.get(random.nextInt(PIECES.size()))).append(random.nextInt(3) == 0 ? "" : " ");
            }
            template.append(print ? " }}" : " %}");
        }
        return template.toString();
    }

    private static String changed(String template, Random random) {
        StringBuilder text = new StringBuilder(template);
        for (int i = random.nextInt(3); i >= 0 && !text.isEmpty(); i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                default -> text.setCharAt(at, template.charAt(random.nextInt(template.length())));
            }
        }
        return text.toString();
    }
}
