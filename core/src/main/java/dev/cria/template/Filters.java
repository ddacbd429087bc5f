package dev.cria.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Jinja's filters by name; each is called with the filtered value as its first argument. */
final class Filters {
    private final Map<String, Function.Body> filters = new HashMap<>();

    /** What Jinja has beside these: random, or for HTML pages. Told apart from misspelt names. */
    static final Set<String> LEFT_OUT =
            Set.of("filesizeformat", "pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr");

    Filters(Budget budget, Operators operators, Lookup lookup, Tests tests) {
        new TextFilters(budget, operators).addTo(filters);
        new NumberFilters(operators).addTo(filters);
        new SequenceFilters(budget, operators, lookup, this, tests).addTo(filters);
        new OrderFilters(operators, lookup).addTo(filters);
        filters.put("tojson", a -> Json.toJson(a, operators));
    }

    boolean has(String name) {
        return filters.containsKey(name);
    }

    Value apply(String name, Arguments arguments) {
        Function.Body filter = filters.get(name);
        if (filter == null) {
            throw new Refusal(
                    LEFT_OUT.contains(name)
                            ? "filter '" + name + "' is not supported"
                            : "no filter named '" + name + "'");
        }
        return filter.call(arguments);
    }
}
