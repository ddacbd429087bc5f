package dev.cria.tune;

import dev.cria.template.Jinja;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** JSON as the variables of a chat template, which sees what Python's {@code json.loads} would make of it. */
final class TemplateValues {
    private TemplateValues() {}

    static Object of(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL, MISSING -> Jinja.NONE;
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> node.isIntegralNumber() ? node.bigIntegerValue() : (Object) node.doubleValue();
            case ARRAY -> node.valueStream().map(TemplateValues::of).toList();
            case OBJECT -> map(node);
            case STRING, BINARY, POJO -> node.asString();
        };
    }

    private static Map<String, Object> map(JsonNode node) {
        Map<String, Object> map = new LinkedHashMap<>();
        node.forEachEntry((key, value) -> map.put(key, of(value)));
        return map;
    }
}
