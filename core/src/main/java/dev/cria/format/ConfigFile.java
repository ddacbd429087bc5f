package dev.cria.format;

import dev.cria.Problems;
import dev.cria.RequestException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;

/**
 * Configurations as records: a YAML file's keys are a record's components in snake case, what the file leaves out is
 * as in the defaults, and what the record doesn't know is refused with the nearest key, the file and the line. All
 * problems are told at once.
 */
public final class ConfigFile {
    private static final JsonMapper JSON = new JsonMapper();

    /** The name of what comes from the command line. */
    private static final String SET = "--set";

    private final Problems problems = new Problems();

    private ConfigFile() {}

    /**
     * Reads a file over the defaults, then the overrides over both.
     *
     * @param overrides {@code key.path=value}, as {@code --set} takes them
     */
    public static <T extends Record> T read(Path file, T defaults, List<String> overrides) {
        return read(file(file), defaults, overrides);
    }

    /** The defaults with the overrides over them, where there is no file. */
    public static <T extends Record> T defaults(T defaults, List<String> overrides) {
        return read(Optional.empty(), defaults, overrides);
    }

    /**
     * An override of a key by a text, whatever characters it has.
     *
     * @return {@code key="text"}
     */
    public static String setting(String key, String text) {
        return key + "=" + quoted(text);
    }

    /** An override of a key by a list of texts. */
    public static String setting(String key, List<String> texts) {
        return key + "=" + texts.stream().map(ConfigFile::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    /** An override of a key by a number, a text, a boolean, or a list of these. */
    public static String setting(String key, Object value) {
        return key + "=" + JSON.writeValueAsString(value);
    }

    /** A text as JSON has it, which YAML's double quotes take as well. */
    private static String quoted(String text) {
        return JSON.writeValueAsString(text);
    }

    /** A document or a part of one, and the name of the file that it is in. */
    private record Layer(String source, Node node) {}

    private static <T extends Record> T read(Optional<Layer> file, T defaults, List<String> overrides) {
        List<Layer> layers = new ArrayList<>();
        file.ifPresent(layers::add);
        overrides.forEach(o -> layers.add(override(o)));
        ConfigFile reader = new ConfigFile();
        T value = reader.asRecord(layers, defaults, "");
        reader.problems.refuse();
        return value;
    }

    private static Optional<Layer> file(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RequestException("there is no file " + file, "examples/ has configurations to copy");
        }
        try {
            String text = Files.readString(file);
            return Yaml.compose(file.toString(), text).map(root -> new Layer(file.toString(), root));
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    /** {@code a.b=c} is the document {@code {a: {b: c}}}. */
    private static Layer override(String setting) {
        int equals = setting.indexOf('=');
        if (equals <= 0) {
            throw new RequestException("--set " + setting + " is not key.path=value", "--set seed=7");
        }
        Node node = value(setting.substring(equals + 1));
        for (String key :
                Arrays.asList(setting.substring(0, equals).split("\\.", -1)).reversed()) {
            node = new MappingNode(Tag.MAP, List.of(new NodeTuple(literal(key), node)), FlowStyle.FLOW);
        }
        return new Layer(SET, node);
    }

    /** A value as YAML reads it; what is not YAML, such as a name that begins with a quote, is the text itself. */
    private static Node value(String text) {
        try {
            return Yaml.compose(SET, text).orElseGet(() -> new ScalarNode(Tag.NULL, "", ScalarStyle.PLAIN));
        } catch (RequestException _) {
            return literal(text);
        }
    }

    private static Node literal(String text) {
        return new ScalarNode(Tag.STR, text, ScalarStyle.DOUBLE_QUOTED);
    }

    /** Where a value stands: the source, the line of a file, and the path of keys. */
    private static String place(Layer layer, String path) {
        return source(layer) + " " + path;
    }

    private static String source(Layer layer) {
        String line =
                layer.node().getStartMark().map(m -> ":" + (m.getLine() + 1)).orElse("");
        return layer.source() + (layer.source().equals(SET) ? "" : line);
    }

    private static String below(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The record with what each layer says over what the one before it says. */
    private <T extends Record> T asRecord(List<Layer> layers, T base, String path) {
        RecordComponent[] components = base.getClass().getRecordComponents();
        List<List<Layer>> given = new ArrayList<>();
        Arrays.stream(components).forEach(_ -> given.add(new ArrayList<>()));
        for (Layer layer : layers) {
            if (layer.node() instanceof MappingNode mapping) {
                sort(layer.source(), mapping, components, path, given);
            } else {
                refuseSection(layer, path);
            }
        }
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Object value = component(components[i], base);
            String key = below(path, snake(components[i].getName()));
            values[i] =
                    given.get(i).isEmpty() ? value : convert(given.get(i), components[i].getGenericType(), value, key);
        }
        return layers.isEmpty() ? base : construct(base, components, values, place(layers.getLast(), path));
    }

    /** Puts each value of a section to those of its component. */
    private void sort(
            String source, MappingNode mapping, RecordComponent[] components, String path, List<List<Layer>> given) {
        Set<String> seen = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Layer at = new Layer(source, tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                refuseKey(at, path);
                continue;
            }
            String key = name.getValue();
            int index = index(components, key);
            if (!seen.add(key)) {
                problems.add(place(at, below(path, key)) + " is given twice", "remove one of them");
            } else if (index < 0) {
                refuseUnknown(at, key, components, path);
            } else {
                given.get(index).add(new Layer(source, tuple.getValueNode()));
            }
        }
    }

    private void refuseSection(Layer layer, String path) {
        if (path.isEmpty()) {
            problems.add(source(layer) + " is not a configuration of keys and values", "examples/ has some to copy");
        } else {
            problems.add(place(layer, path) + " is not a section", "write its keys below it, indented");
        }
    }

    private void refuseKey(Layer at, String path) {
        problems.add(place(at, path).stripTrailing() + " has a list or a section for a key", "write name: value");
    }

    private static int index(RecordComponent[] components, String key) {
        for (int i = 0; i < components.length; i++) {
            if (snake(components[i].getName()).equals(key)) {
                return i;
            }
        }
        return -1;
    }

    private void refuseUnknown(Layer at, String key, RecordComponent[] components, String path) {
        List<String> known =
                Arrays.stream(components).map(c -> snake(c.getName())).toList();
        String meant = EditDistance.nearest(key, known)
                .map(name -> "did you mean " + below(path, name) + "? ")
                .orElse("");
        problems.add(
                source(at) + " unknown key " + below(path, key), meant + "known here: " + String.join(", ", known));
    }

    @SuppressWarnings("unchecked")
    private <T extends Record> T construct(T base, RecordComponent[] components, Object[] values, String at) {
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            var constructor = base.getClass().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return (T) constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RequestException refused) {
                refused.problems().forEach(p -> problems.add(at.stripTrailing() + ": " + p.error(), p.hint()));
                return base;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The value of a component: the last layer's, or all of them together where it is a section. */
    private Object convert(List<Layer> layers, Type type, Object base, String path) {
        Layer last = layers.getLast();
        return switch (base) {
            case Record section -> asRecord(layers, section, path);
            case Map<?, ?> free -> section(layers, free, path);
            case Optional<?> _ when isNull(last.node()) -> Optional.empty();
            case Optional<?> _
            when content(type) == Double.class -> scalar(last, path, base, "a number", s -> Optional.of(number(s)));
            case Optional<?> _ -> scalar(last, path, base, "a word", s -> Optional.of(s));
            case List<?> _ -> list(last, type, path, base);
            case Integer _ -> scalar(last, path, base, "a whole number", ConfigFile::wholeInt);
            case Long _ -> scalar(last, path, base, "a whole number", ConfigFile::whole);
            case Double _ -> scalar(last, path, base, "a number", ConfigFile::number);
            case Boolean _ -> scalar(last, path, base, "true or false", ConfigFile::flag);
            case Enum<?> e -> scalar(last, path, base, choices(e), s -> constant(e, s));
            default -> scalar(last, path, base, "a word", s -> s);
        };
    }

    private Object list(Layer layer, Type type, String path, Object base) {
        if (!(layer.node() instanceof SequenceNode sequence)) {
            problems.add(place(layer, path) + " is not a list", path + ": [a, b]");
            return base;
        }
        Type element = content(type);
        List<Object> values = new ArrayList<>();
        for (Node one : sequence.getValue()) {
            Layer at = new Layer(layer.source(), one);
            values.add(
                    element == Double.class
                            ? scalar(at, path, 0.0, "a number", ConfigFile::number)
                            : element == Long.class
                                    ? scalar(at, path, 0L, "a whole number", ConfigFile::whole)
                                    : scalar(at, path, "", "a word", s -> s));
        }
        return List.copyOf(values);
    }

    /** What a list or an optional value is of. */
    private static Type content(Type type) {
        return ((ParameterizedType) type).getActualTypeArguments()[0];
    }

    private Object scalar(Layer layer, String path, Object base, String wanted, Function<String, Object> read) {
        if (layer.node() instanceof ScalarNode scalar && !isNull(scalar)) {
            try {
                return read.apply(scalar.getValue());
            } catch (IllegalArgumentException | ArithmeticException _) {
                problems.add(
                        place(layer, path) + " is " + scalar.getValue() + ", not " + wanted, path + ": " + shown(base));
                return base;
            }
        }
        problems.add(place(layer, path) + " is not " + wanted, path + ": " + shown(base));
        return base;
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private static Object whole(String text) {
        return new BigDecimal(text).longValueExact();
    }

    private static Object wholeInt(String text) {
        return new BigDecimal(text).intValueExact();
    }

    /** Any number but those that are none: NaN and infinity. */
    private static Object number(String text) {
        double number = new BigDecimal(text).doubleValue();
        if (!Double.isFinite(number)) {
            throw new ArithmeticException("larger than any double");
        }
        return number;
    }

    private static Object flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static Object constant(Enum<?> example, String text) {
        for (Object constant : example.getDeclaringClass().getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(text);
    }

    private static String choices(Enum<?> example) {
        return String.join(
                " or ",
                Arrays.stream(example.getDeclaringClass().getEnumConstants())
                        .map(ConfigFile::word)
                        .toList());
    }

    private Object section(List<Layer> layers, Map<?, ?> base, String path) {
        Map<?, ?> merged = base;
        for (Layer layer : layers) {
            if (layer.node() instanceof MappingNode mapping) {
                merged = overlaid(merged, mapping, layer.source(), path);
            } else {
                problems.add(place(layer, path) + " is not a section", "write its keys below it, indented");
            }
        }
        return merged;
    }

    /** A free-form section: scalars, lists and maps as YAML's core schema reads them. */
    private Map<String, Object> overlaid(Map<?, ?> base, MappingNode mapping, String source, String path) {
        Map<String, Object> merged = new LinkedHashMap<>();
        base.forEach((k, v) -> merged.put(String.valueOf(k), v));
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode name) {
                String key = name.getValue();
                merged.put(key, plain(tuple.getValueNode(), source, below(path, key)));
            } else {
                refuseKey(new Layer(source, tuple.getKeyNode()), path);
            }
        }
        return merged;
    }

    private Object plain(Node node, String source, String path) {
        if (node.isRecursive()) {
            problems.add(place(new Layer(source, node), path) + " holds itself", "write the value out");
            return "";
        }
        return switch (node) {
            case MappingNode m -> overlaid(Map.of(), m, source, path);
            case SequenceNode s ->
                s.getValue().stream()
                        .map(element -> plain(element, source, path))
                        .toList();
            case ScalarNode s -> Yaml.scalar(s);
            default -> throw new IllegalStateException("a YAML node of another kind: " + node);
        };
    }

    /** The record as YAML, every key of it, in its order. */
    public static String toYaml(Record config) {
        return Yaml.write(toMap(config));
    }

    /** The record's values as texts by the path of their keys, in their order: {@code batch.micro_batch=32}. */
    public static Map<String, String> flat(Record config) {
        Map<String, String> flat = new LinkedHashMap<>();
        flatten("", toMap(config), flat);
        return flat;
    }

    private static void flatten(String path, Map<?, ?> section, Map<String, String> into) {
        section.forEach((key, value) -> {
            String at = below(path, String.valueOf(key));
            if (value instanceof Map<?, ?> deeper) {
                flatten(at, deeper, into);
            } else {
                into.put(at, value instanceof NullNode ? "null" : String.valueOf(value));
            }
        });
    }

    private static Map<String, Object> toMap(Record config) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            map.put(snake(component.getName()), shown(component(component, config)));
        }
        return map;
    }

    private static Object shown(Object value) {
        return switch (value) {
            case Record section -> toMap(section);
            case Optional<?> optional -> optional.<Object>map(v -> v).orElse(NullNode.instance);
            case Enum<?> constant -> word(constant);
            default -> value;
        };
    }

    private static Object component(RecordComponent component, Record of) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return Objects.requireNonNull(accessor.invoke(of));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String word(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    private static String snake(String camel) {
        return camel.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
