package dev.cria.template;

import dev.cria.template.Value.Callable;
import dev.cria.template.Value.Undefined;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What {@code loop} stands for within a loop. */
final class Loop implements Callable {
    private final List<Value> elements;
    private final int depth0;
    private final Optional<Function<Value, Value>> recursion;
    private int index0 = -1;
    private Optional<List<Value>> lastSeen = Optional.empty();

    /** @param recursion runs the same loop over other elements, where the loop is marked as recursive */
    Loop(List<Value> elements, int depth0, Optional<Function<Value, Value>> recursion) {
        this.elements = elements;
        this.depth0 = depth0;
        this.recursion = recursion;
    }

    /** Goes to the next element. */
    void advance() {
        index0++;
    }

    int depth() {
        return depth0 + 1;
    }

    int length() {
        return elements.size();
    }

    @Override
    public String name() {
        return "loop";
    }

    @Override
    public Value call(Arguments arguments) {
        Value inner = arguments.bind("loop", "iterable").value(0);
        return recursion
                .orElseThrow(() -> new Refusal("the loop is not marked as recursive"))
                .apply(inner);
    }

    @Override
    public Optional<Value> attribute(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "index" -> Value.of(index0 + 1);
                    case "index0" -> Value.of(index0);
                    case "revindex" -> Value.of(length() - index0);
                    case "revindex0" -> Value.of(length() - index0 - 1);
                    case "first" -> Value.of(index0 == 0);
                    case "last" -> Value.of(index0 == length() - 1);
                    case "length" -> Value.of(length());
                    case "depth" -> Value.of(depth());
                    case "depth0" -> Value.of(depth0);
                    case "previtem" ->
                        index0 > 0 ? elements.get(index0 - 1) : new Undefined("there is no previous item");
                    case "nextitem" ->
                        index0 + 1 < length() ? elements.get(index0 + 1) : new Undefined("there is no next item");
                    case "cycle" -> new dev.cria.template.Function("cycle", this::cycle);
                    case "changed" -> new dev.cria.template.Function("changed", this::changed);
                    default -> null;
                });
    }

    private Value cycle(Arguments arguments) {
        List<Value> items = arguments.positional();
        if (items.isEmpty()) {
            throw new Refusal("loop.cycle needs at least one item");
        }
        return items.get(index0 % items.size());
    }

    private Value changed(Arguments arguments) {
        boolean changed = !lastSeen.equals(Optional.of(arguments.positional()));
        lastSeen = Optional.of(arguments.positional());
        return Value.of(changed);
    }

    @Override
    public String toString() {
        return "<LoopContext " + (index0 + 1) + "/" + length() + ">";
    }
}
