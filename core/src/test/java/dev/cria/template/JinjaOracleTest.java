package dev.cria.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every text is what Jinja 2 makes of the template, set up as transformers does; see {@code oracle/jinja.py}. */
final class JinjaOracleTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-02-09T15:04:05.678901Z"), ZoneOffset.UTC);

    @Test
    void everyTemplateRendersAsTheReferenceDoes() throws IOException {
        JsonNode goldens = goldens();
        List<String> wrong = new ArrayList<>();
        for (JsonNode row : goldens.path("cases")) {
            String template = row.path("template").stringValue();
            JsonNode context = goldens.path("contexts").path(row.path("context").stringValue());
            String expected = row.has("text") ? row.path("text").stringValue() : "line " + row.path("line");
            String actual = outcome(template, context);
            if (!actual.equals(expected) && !(row.has("error") && actual.startsWith(expected + ": "))) {
                wrong.add(template + "\n   expected " + expected
                        + row.path("error").asString("") + "\n   but was  " + actual);
            }
        }
        assertThat(wrong).as("of " + goldens.path("cases").size()).isEmpty();
    }

    private static String outcome(String template, JsonNode context) {
        try {
            return Jinja.parse(template).render(variables(context), CLOCK).text();
        } catch (TemplateException e) {
            return "line " + e.line() + ": " + e.reason();
        }
    }

    static JsonNode goldens() throws IOException {
        try (InputStream file = Objects.requireNonNull(JinjaOracleTest.class.getResourceAsStream("jinja.json"))) {
            return new JsonMapper().readTree(file);
        }
    }

    static Map<String, Object> variables(JsonNode object) {
        Map<String, Object> variables = new LinkedHashMap<>();
        object.forEachEntry((name, value) -> variables.put(name, plain(value)));
        return variables;
    }

    private static Object plain(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> node.stringValue();
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> node.isIntegralNumber() ? (Object) node.bigIntegerValue() : (Object) node.doubleValue();
            case ARRAY -> node.valueStream().map(JinjaOracleTest::plain).toList();
            case OBJECT -> variables(node);
            default -> Jinja.NONE;
        };
    }
}
