package dev.cria.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The variables of a block; what is set in it is gone at its end. */
final class Scope {
    private final Optional<Scope> outer;
    private final Map<String, Value> variables = new HashMap<>();

    Scope(Map<String, Value> variables) {
        this.outer = Optional.empty();
        this.variables.putAll(variables);
    }

    Scope(Scope outer) {
        this.outer = Optional.of(outer);
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }

    Optional<Value> get(String name) {
        for (Optional<Scope> scope = Optional.of(this); scope.isPresent(); scope = scope.get().outer) {
            Value value = scope.get().variables.get(name);
            if (value != null) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
