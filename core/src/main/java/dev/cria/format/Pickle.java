package dev.cria.format;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the part of Python's pickle that {@code torch.save} writes a state dict with: protocol 2, its opcodes for numbers,
 * strings, tuples, lists and dicts, and for objects. Nothing is ever called: a class is its name, and an object is that,
 * what it would be made of and the state it would get. Every other opcode is refused. Nothing here follows what is read
 * into itself, so a pickle that holds itself does no harm.
 */
final class Pickle {
    /** What a pickle may hold: far more than a model has tensors. */
    private static final int MOST_VALUES = 4_000_000;

    private final ByteBuffer bytes;
    private final List<Value> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Value> memo = new HashMap<>();

    /** A pickled thing. */
    sealed interface Value {
        record Text(String text) implements Value {}

        record Whole(long number) implements Value {}

        record Real(double number) implements Value {}

        record Truth(boolean is) implements Value {}

        record None() implements Value {}

        /** Also of lists. */
        final class Items implements Value {
            final List<Value> items = new ArrayList<>();
        }

        /** With strings as keys. */
        final class Dict implements Value {
            final Map<String, Value> entries = new LinkedHashMap<>();
        }

        /** A class or function, by its name. */
        record Global(String name) implements Value {}

        /** What {@code callable(*arguments)} would be. */
        final class Made implements Value {
            final String callable;
            final List<Value> arguments;
            final Map<String, Value> state = new LinkedHashMap<>();

            Made(String callable, List<Value> arguments) {
                this.callable = callable;
                this.arguments = arguments;
            }
        }

        /** Something that lies outside of the pickle, by its id. */
        record Outside(List<Value> id) implements Value {}
    }

    /** What is wrong with a pickle. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1;

        Unreadable(String what) {
            super(what);
        }
    }

    private Pickle(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static Value read(byte[] bytes) throws Unreadable {
        try {
            return new Pickle(bytes).run();
        } catch (BufferUnderflowException e) {
            throw new Unreadable("it ends in the middle");
        }
    }

    private Value run() throws Unreadable {
        while (true) {
            int opcode = bytes.get() & 0xFF;
            if (opcode == '.') {
                return pop();
            }
            if (stack.size() > MOST_VALUES || memo.size() > MOST_VALUES) {
                throw new Unreadable("it holds more than " + MOST_VALUES + " values");
            }
            step(opcode);
        }
    }

    private void step(int opcode) throws Unreadable {
        switch (opcode) {
            case 0x80 -> protocol(bytes.get());
            case '}' -> push(new Value.Dict());
            case ']', ')' -> push(new Value.Items());
            case '(' -> marks.add(stack.size());
            case 'N' -> push(new Value.None());
            case 0x88 -> push(new Value.Truth(true));
            case 0x89 -> push(new Value.Truth(false));
            case 'J' -> push(new Value.Whole(bytes.getInt()));
            case 'K' -> push(new Value.Whole(bytes.get() & 0xFF));
            case 'M' -> push(new Value.Whole(bytes.getShort() & 0xFFFF));
            case 0x8A -> push(new Value.Whole(longer()));
            case 'G' -> push(new Value.Real(Double.longBitsToDouble(Long.reverseBytes(bytes.getLong()))));
            case 'X' -> push(new Value.Text(text(bytes.getInt())));
            case 'c' -> push(new Value.Global(line() + "." + line()));
            case 'q' -> memo.put(bytes.get() & 0xFF, top());
            case 'r' -> memo.put(bytes.getInt(), top());
            case 'h' -> push(remembered(bytes.get() & 0xFF));
            case 'j' -> push(remembered(bytes.getInt()));
            case 't' -> push(items(sinceMark()));
            case 0x85 -> push(items(last(1)));
            case 0x86 -> push(items(last(2)));
            case 0x87 -> push(items(last(3)));
            case 'a' -> append(last(1));
            case 'e' -> append(sinceMark());
            case 's' -> put(last(2));
            case 'u' -> put(sinceMark());
            case 'Q' -> push(new Value.Outside(List.copyOf(popItems())));
            case 'R', 0x81 -> make();
            case 'b' -> build();
            default -> throw new Unreadable("it has the opcode 0x%02x, which no state dict needs".formatted(opcode));
        }
    }

    private static void protocol(int version) throws Unreadable {
        if (version != 2) {
            throw new Unreadable("its protocol is " + version + "; torch.save writes 2");
        }
    }

    private void push(Value value) {
        stack.add(value);
    }

    private Value pop() throws Unreadable {
        int least = marks.isEmpty() ? 0 : marks.getLast();
        if (stack.size() <= least) {
            throw new Unreadable("it takes what it has not put");
        }
        return stack.removeLast();
    }

    private Value top() throws Unreadable {
        Value value = pop();
        push(value);
        return value;
    }

    private List<Value> last(int count) throws Unreadable {
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.addFirst(pop());
        }
        return values;
    }

    private List<Value> sinceMark() throws Unreadable {
        if (marks.isEmpty()) {
            throw new Unreadable("it closes what it has not opened");
        }
        List<Value> since = stack.subList(marks.removeLast(), stack.size());
        List<Value> values = new ArrayList<>(since);
        since.clear();
        return values;
    }

    private static Value items(List<Value> values) {
        Value.Items items = new Value.Items();
        items.items.addAll(values);
        return items;
    }

    private Value remembered(int place) throws Unreadable {
        Value value = memo.get(place);
        if (value == null) {
            throw new Unreadable("it remembers what it has not seen");
        }
        return value;
    }

    private List<Value> popItems() throws Unreadable {
        if (pop() instanceof Value.Items items) {
            return items.items;
        }
        throw new Unreadable("it has another thing where a tuple is needed");
    }

    private void append(List<Value> values) throws Unreadable {
        if (!(top() instanceof Value.Items items)) {
            throw new Unreadable("it appends to what is no list");
        }
        items.items.addAll(values);
    }

    private void put(List<Value> values) throws Unreadable {
        Map<String, Value> entries =
                switch (top()) {
                    case Value.Dict dict -> dict.entries;
                    case Value.Made made when made.callable.equals("collections.OrderedDict") -> made.state;
                    default -> throw new Unreadable("it sets entries of what is no dict");
                };
        if (values.size() % 2 != 0) {
            throw new Unreadable("it has a key without a value");
        }
        for (int i = 0; i < values.size(); i += 2) {
            if (!(values.get(i) instanceof Value.Text key)) {
                throw new Unreadable("it has a key that is no string");
            }
            entries.put(key.text(), values.get(i + 1));
        }
    }

    private void make() throws Unreadable {
        List<Value> arguments = popItems();
        if (!(pop() instanceof Value.Global callable)) {
            throw new Unreadable("it calls what is no name");
        }
        push(new Value.Made(callable.name(), arguments));
    }

    /** An ordered dict's own attributes, such as the versions of its modules, are not entries of it. */
    private void build() throws Unreadable {
        Value state = pop();
        if (!(top() instanceof Value.Made made) || !(state instanceof Value.Dict dict)) {
            throw new Unreadable("it gives a state to what has none");
        }
        if (!made.callable.equals("collections.OrderedDict")) {
            made.state.putAll(dict.entries);
        }
    }

    private long longer() throws Unreadable {
        int count = bytes.get() & 0xFF;
        if (count > Long.BYTES) {
            throw new Unreadable("it has a number of " + count + " bytes");
        }
        long value = 0;
        for (int i = 0; i < count; i++) {
            long next = i == count - 1 ? bytes.get() : bytes.get() & 0xFF;
            value |= next << (8 * i);
        }
        return value;
    }

    private String text(int length) throws Unreadable {
        if (length < 0 || length > bytes.remaining()) {
            throw new Unreadable("it ends in the middle");
        }
        byte[] text = new byte[length];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private String line() {
        int start = bytes.position();
        while (bytes.get() != '\n') {}
        return new String(bytes.array(), start, bytes.position() - 1 - start, StandardCharsets.UTF_8);
    }
}
