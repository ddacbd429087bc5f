package dev.cria.format;

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
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.node.NullNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * Configurations as records: a YAML file's keys are a record's components in snake case, what the file leaves out is
 * as in the defaults, and what the record doesn't know is refused with the nearest key, the file and the line. All
 * problems of a file are told at once.
 */
public final class ConfigFile {
    private static final LoadSettings SETTINGS = LoadSettings.builder().build();

    private final List<Problem> problems = new ArrayList<>();

    private record Problem(String error, String hint) {}

    private ConfigFile() {}

    /**
     * Reads a file over the defaults, then the overrides over both.
     *
     * @param overrides {@code key.path=value}, as {@code --set} takes them
     */
    public static <T extends Record> T read(Path file, T defaults, List<String> overrides) {
        return read(List.of(source(file)), defaults, overrides);
    }

    /** The defaults with the overrides over them, where there is no file. */
    public static <T extends Record> T defaults(T defaults, List<String> overrides) {
        return read(List.of(), defaults, overrides);
    }

    private record Source(String name, String text) {}

    private static Source source(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RequestException("there is no file " + file, "examples/ has configurations to copy");
        }
        try {
            return new Source(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    private static <T extends Record> T read(List<Source> files, T defaults, List<String> overrides) {
        List<Source> sources = new ArrayList<>(files);
        overrides.forEach(o -> sources.add(override(o)));
        ConfigFile reader = new ConfigFile();
        T value = defaults;
        for (Source source : sources) {
            value = reader.overlay(source, value);
        }
        reader.refuseProblems();
        return value;
    }

    /** {@code a.b=c} is the document {@code {a: {b: c}}}. */
    private static Source override(String setting) {
        int equals = setting.indexOf('=');
        if (equals <= 0) {
            throw new RequestException("--set " + setting + " is not key.path=value", "--set seed=7");
        }
        String[] keys = setting.substring(0, equals).split("\\.", -1);
        StringBuilder text = new StringBuilder();
        for (String key : keys) {
            text.append("{\"").append(key.replace("\"", "")).append("\": ");
        }
        text.append(setting, equals + 1, setting.length()).append("}".repeat(keys.length));
        return new Source("--set", text.toString());
    }

    private <T extends Record> T overlay(Source source, T base) {
        try {
            Optional<Node> root = new Compose(SETTINGS).composeString(source.text());
            return root.isEmpty() ? base : asRecord(root.get(), base, new Place(source.name(), ""));
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark().map(m -> ":" + (m.getLine() + 1)).orElse("");
            throw new RequestException(
                    source.name() + line + " is not YAML: " + e.getProblem(), "indent with spaces, and quote : and #");
        }
    }

    /** Where a value stands: the source, and the path of keys to it. */
    private record Place(String source, String path) {
        Place of(String key) {
            return new Place(source, path.isEmpty() ? key : path + "." + key);
        }

        String at(Node node) {
            String line = source.equals("--set")
                    ? ""
                    : node.getStartMark().map(m -> ":" + (m.getLine() + 1)).orElse("");
            return source + line + " " + path;
        }
    }

    private <T extends Record> T asRecord(Node node, T base, Place place) {
        if (!(node instanceof MappingNode mapping)) {
            refuse(place.at(node) + " is no section", "write its keys below it, indented");
            return base;
        }
        RecordComponent[] components = base.getClass().getRecordComponents();
        Object[] values = Arrays.stream(components).map(c -> component(c, base)).toArray();
        Set<String> given = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = ((ScalarNode) tuple.getKeyNode()).getValue();
            int index = index(components, key);
            if (!given.add(key)) {
                refuse(place.of(key).at(tuple.getKeyNode()) + " is given twice", "leave one of them away");
            } else if (index < 0) {
                refuseUnknown(tuple.getKeyNode(), key, components, place);
            } else {
                values[index] =
                        convert(tuple.getValueNode(), components[index].getGenericType(), values[index], place.of(key));
            }
        }
        return construct(base, components, values, place.at(node));
    }

    private static int index(RecordComponent[] components, String key) {
        for (int i = 0; i < components.length; i++) {
            if (snake(components[i].getName()).equals(key)) {
                return i;
            }
        }
        return -1;
    }

    private void refuseUnknown(Node node, String key, RecordComponent[] components, Place place) {
        List<String> known =
                Arrays.stream(components).map(c -> snake(c.getName())).toList();
        String nearest = known.stream()
                .min(Comparator.comparingInt(k -> EditDistance.between(k, key)))
                .orElse("");
        refuse(
                place.of(key).at(node) + " is no known key",
                "did you mean " + place.of(nearest).path() + "? known here: " + String.join(", ", known));
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
                refuse(at.stripTrailing() + ": " + refused.error(), refused.hint());
                return base;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object convert(Node node, Type type, Object base, Place place) {
        return switch (base) {
            case Record section -> asRecord(node, section, place);
            case Optional<?> _ ->
                isNull(node) ? Optional.empty() : scalar(node, place, base, "a word", s -> Optional.of(s));
            case Map<?, ?> free -> section(node, free, place);
            case List<?> _ -> list(node, type, place, base);
            case Integer _ -> scalar(node, place, base, "a whole number", ConfigFile::wholeInt);
            case Long _ -> scalar(node, place, base, "a whole number", ConfigFile::whole);
            case Double _ -> scalar(node, place, base, "a number", ConfigFile::number);
            case Boolean _ -> scalar(node, place, base, "true or false", ConfigFile::flag);
            case Enum<?> e -> scalar(node, place, base, choices(e), s -> constant(e, s));
            default -> scalar(node, place, base, "a word", s -> s);
        };
    }

    private Object list(Node node, Type type, Place place, Object base) {
        if (!(node instanceof SequenceNode sequence)) {
            refuse(place.at(node) + " is no list", place.path() + ": [a, b]");
            return base;
        }
        boolean numbers = ((ParameterizedType) type).getActualTypeArguments()[0] == Double.class;
        List<Object> values = new ArrayList<>();
        for (Node element : sequence.getValue()) {
            values.add(
                    numbers
                            ? scalar(element, place, 0.0, "a number", ConfigFile::number)
                            : scalar(element, place, "", "a word", s -> s));
        }
        return List.copyOf(values);
    }

    private Object scalar(Node node, Place place, Object base, String wanted, Function<String, Object> read) {
        if (node instanceof ScalarNode scalar && !isNull(node)) {
            try {
                return read.apply(scalar.getValue());
            } catch (IllegalArgumentException | ArithmeticException _) {
                refuse(
                        place.at(node) + " is " + scalar.getValue() + ", not " + wanted,
                        place.path() + ": " + shown(base));
                return base;
            }
        }
        refuse(place.at(node) + " is not " + wanted, place.path() + ": " + shown(base));
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
        return new BigDecimal(text).doubleValue();
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

    private Object section(Node node, Map<?, ?> base, Place place) {
        if (node instanceof MappingNode mapping) {
            return overlaid(base, mapping);
        }
        refuse(place.at(node) + " is no section", "write its keys below it, indented");
        return base;
    }

    /** A free-form section: scalars, lists and maps as YAML's core schema reads them. */
    private static Map<String, Object> overlaid(Map<?, ?> base, MappingNode mapping) {
        Map<String, Object> merged = new LinkedHashMap<>();
        base.forEach((k, v) -> merged.put(String.valueOf(k), v));
        for (NodeTuple tuple : mapping.getValue()) {
            merged.put(((ScalarNode) tuple.getKeyNode()).getValue(), plain(tuple.getValueNode()));
        }
        return merged;
    }

    private static Object plain(Node node) {
        return switch (node) {
            case MappingNode m -> overlaid(Map.of(), m);
            case SequenceNode s -> s.getValue().stream().map(ConfigFile::plain).toList();
            case ScalarNode s -> plainScalar(s);
            default -> throw new IllegalStateException("a YAML node of another kind: " + node);
        };
    }

    private static Object plainScalar(ScalarNode scalar) {
        String text = scalar.getValue();
        if (scalar.getTag().equals(Tag.INT)) {
            return Long.valueOf(text);
        }
        if (scalar.getTag().equals(Tag.FLOAT)) {
            return Double.valueOf(text);
        }
        return scalar.getTag().equals(Tag.BOOL) ? Boolean.valueOf(text) : text;
    }

    private void refuse(String error, String hint) {
        problems.add(new Problem(error, hint));
    }

    private void refuseProblems() {
        if (!problems.isEmpty()) {
            String errors = String.join(
                    "\nerror: ", problems.stream().map(Problem::error).toList());
            throw new RequestException(errors, problems.getFirst().hint());
        }
    }

    /** The record as YAML, every key of it, in its order. */
    public static String toYaml(Record config) {
        YAMLMapper mapper = YAMLMapper.builder()
                .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
                .build();
        return mapper.writeValueAsString(toMap(config));
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
