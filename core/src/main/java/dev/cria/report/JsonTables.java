package dev.cria.report;

import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Shows any JSON object as tables: its single values as one table of two columns, and each array of objects as a table
 * with a column for every key, each object of several counts as a table too. So a report of another stage can grow without this one knowing.
 */
final class JsonTables {
    private JsonTables() {}

    /** @param id begins the names of the tables' files */
    static List<Table> of(String id, String title, JsonNode object) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        Map<String, JsonNode> lists = new LinkedHashMap<>();
        gather("", object, values, lists);
        List<Table> tables = new ArrayList<>();
        if (!values.isEmpty()) {
            Table.Builder table = Table.titled(id, title, "What", "Value");
            values.forEach((key, value) -> table.row(Cell.of(key), cell(value)));
            tables.add(table.build());
        }
        lists.forEach((key, rows) -> tables.add(rows(id + "-" + fileName(key), capital(key), rows)));
        return tables;
    }

    private static void gather(String path, JsonNode node, Map<String, JsonNode> values, Map<String, JsonNode> lists) {
        for (var entry : node.properties()) {
            String key = path.isEmpty() ? words(entry.getKey()) : path + ", " + words(entry.getKey());
            JsonNode value = entry.getValue();
            if (isCounts(value)) {
                lists.put(key, counts(entry.getKey(), value));
            } else if (value.isObject()) {
                gather(key, value, values, lists);
            } else if (value.isArray() && !value.isEmpty() && value.get(0).isObject()) {
                lists.put(key, value);
            } else if (!value.isNull()) {
                values.put(key, value);
            }
        }
    }

    /** Several counts by name, such as documents by the reason they were dropped for. */
    private static boolean isCounts(JsonNode value) {
        return value.isObject() && value.size() > 1 && value.valueStream().allMatch(JsonNode::isNumber);
    }

    private static JsonNode counts(String name, JsonNode object) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        object.properties()
                .forEach(e -> rows.addObject().put(name, words(e.getKey())).set("count", e.getValue()));
        return rows;
    }

    private static Table rows(String id, String title, JsonNode array) {
        Set<String> keys = new LinkedHashSet<>();
        array.forEach(row -> row.properties().forEach(e -> keys.add(e.getKey())));
        Table.Builder table = Table.titled(
                id, title, keys.stream().map(k -> capital(words(k))).toList());
        array.forEach(row -> table.row(keys.stream().map(k -> cell(row.path(k))).toList()));
        return table.build();
    }

    private static Cell cell(JsonNode value) {
        if (value.isNumber()) {
            double number = value.doubleValue();
            boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
            return Cell.of(number, whole ? Numbers.count(number) : Numbers.scientific(number));
        } else if (value.isArray()) {
            boolean words = !value.isEmpty() && value.get(0).isString();
            StringJoiner items = new StringJoiner(words ? "\n" : " ");
            value.forEach(item -> items.add(item.isValueNode() ? item.asString() : item.toString()));
            return Cell.of(items.toString());
        } else if (value.isObject()) {
            return Cell.of(value.toString());
        }
        return value.isNull() || value.isMissingNode() ? Cell.NONE : Cell.of(value.asString());
    }

    private static String words(String key) {
        return key.replace('_', ' ');
    }

    private static String capital(String words) {
        return words.isEmpty() ? words : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    private static String fileName(String words) {
        return words.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }
}
