package dev.cria.template;

import dev.cria.template.Statement.Signature;
import dev.cria.template.Value.Callable;
import dev.cria.template.Value.Undefined;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A macro with the variables of the place where it stands. */
record MacroValue(String name, Signature signature, List<Statement> body, Scope outer, Renderer renderer)
        implements Callable {

    @Override
    public Value call(Arguments arguments) {
        List<String> parameters = signature.parameters();
        Scope scope = new Scope(outer);
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            boolean placed = i < arguments.positional().size();
            if (placed && named.containsKey(parameter)) {
                throw new Refusal("macro '" + name + "' has two values for '" + parameter + "'");
            }
            Value given = placed ? arguments.positional().get(i) : named.remove(parameter);
            scope.set(parameter, given != null ? given : otherwise(i, scope));
        }
        rest(arguments, named, scope);
        return Value.of(renderer.captured(this, scope));
    }

    private Value otherwise(int parameter, Scope scope) {
        int at = parameter
                - (signature.parameters().size() - signature.defaults().size());
        return at >= 0
                ? renderer.value(signature.defaults().get(at), scope)
                : new Undefined("parameter '" + signature.parameters().get(parameter) + "' was not provided");
    }

    /** What no parameter takes: {@code caller}, {@code varargs} and {@code kwargs}, where the body asks for them. */
    private void rest(Arguments arguments, Map<String, Value> named, Scope scope) {
        if (!signature.parameters().contains("caller") && signature.uses("caller")) {
            Value caller = named.remove("caller");
            scope.set("caller", caller != null ? caller : new Undefined("no caller defined"));
        }
        if (signature.uses("kwargs")) {
            scope.set("kwargs", Value.Dict.of(named));
        } else if (!named.isEmpty()) {
            throw new Refusal("macro '" + name + "' has no parameter '"
                    + named.keySet().iterator().next() + "'");
        }
        int taken =
                Math.min(signature.parameters().size(), arguments.positional().size());
        List<Value> surplus =
                arguments.positional().subList(taken, arguments.positional().size());
        if (signature.uses("varargs")) {
            scope.set("varargs", Value.tuple(surplus));
        } else if (!surplus.isEmpty()) {
            throw new Refusal("macro '" + name + "' takes not more than " + taken + " arguments");
        }
    }

    @Override
    public Optional<Value> attribute(String asked) {
        return Optional.ofNullable(
                switch (asked) {
                    case "name" -> Value.of(name);
                    case "arguments" ->
                        Value.tuple(signature.parameters().stream()
                                .<Value>map(Value::of)
                                .toList());
                    case "caller" -> Value.of(signature.uses("caller"));
                    case "catch_kwargs" -> Value.of(signature.uses("kwargs"));
                    case "catch_varargs" -> Value.of(signature.uses("varargs"));
                    default -> null;
                });
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
