package dev.cria.format;

import dev.cria.RequestException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** YAML as text: read within bounds, and written so that every text reads back as the same. */
final class Yaml {
    private static final LoadSettings SETTINGS = LoadSettings.builder()
            // An alias for a list or a section multiplies it, and again within the next one.
            .setMaxAliasesForCollections(8)
            // Whoever reads the nodes refuses such a key, with its line.
            .setAllowNonScalarKeys(true)
            .build();

    /** Sections and lists within each other; the deepest configuration has four. */
    private static final int DEEPEST = 40;

    /** Ends of lines in Unicode, and the byte order mark. */
    private static final String INVISIBLE = "\u2028\u2029\uFEFF";

    private static final int MOST_DIGITS = 100;

    private Yaml() {}

    /**
     * The document of a text, nothing where it is empty.
     *
     * @param source what the refusal names: a file
     */
    static Optional<Node> compose(String source, String text) {
        try {
            requireShallow(source, text);
            return new Compose(SETTINGS).composeString(text);
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark().map(m -> ":" + (m.getLine() + 1)).orElse("");
            throw new RequestException(
                    source + line + " is not YAML: " + e.getProblem(), "indent with spaces, and quote : and #");
        } catch (ReaderException e) {
            throw new RequestException(
                    "%s is not YAML: it holds the control character U+%04X at character %d"
                            .formatted(source, e.getCodePoint(), e.getPosition() + 1),
                    "write it as plain text in UTF-8");
        } catch (YamlEngineException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
            throw new RequestException(source + " is not YAML: " + reason, "write it as plain text in UTF-8");
        }
    }

    /** The composer calls itself for each level, so that a line of brackets would fill the stack. */
    private static void requireShallow(String source, String text) {
        int depth = 0;
        Iterable<Event> events = () -> new Parse(SETTINGS).parseString(text).iterator();
        for (Event event : events) {
            depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
            if (depth > DEEPEST) {
                throw new RequestException(
                        source + " nests deeper than " + DEEPEST + " levels", "examples/ has configurations to copy");
            }
        }
    }

    /** A scalar as YAML's core schema reads it. */
    static Object scalar(ScalarNode scalar) {
        String text = scalar.getValue();
        try {
            if (scalar.getTag().equals(Tag.INT) && text.length() <= MOST_DIGITS) {
                return integer(text);
            }
            if (scalar.getTag().equals(Tag.FLOAT)) {
                return Double.valueOf(
                        text.replaceFirst("\\.(?i)inf$", "Infinity").replaceFirst("\\.(?i)nan$", "NaN"));
            }
        } catch (NumberFormatException _) {
            return text;
        }
        return scalar.getTag().equals(Tag.BOOL) ? Boolean.valueOf(text) : text;
    }

    /** Decimal, 0o octal and 0x hexadecimal, of any length. */
    private static Number integer(String text) {
        int radix = text.startsWith("0o") ? 8 : text.startsWith("0x") ? 16 : 10;
        BigInteger number = new BigInteger(radix == 10 ? text.replaceFirst("^\\+", "") : text.substring(2), radix);
        return number.bitLength() < Long.SIZE ? (Number) number.longValue() : number;
    }

    static String write(Map<String, Object> map) {
        YAMLMapper mapper = YAMLMapper.builder()
                .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                // Within quotes alone what a reader takes for a line's end or passes over can be escaped.
                .configure(YAMLWriteFeature.MINIMIZE_QUOTES, !holdsInvisible(map))
                .build();
        return mapper.writeValueAsString(map);
    }

    private static boolean holdsInvisible(Object value) {
        return switch (value) {
            case Map<?, ?> map -> map.values().stream().anyMatch(Yaml::holdsInvisible);
            case List<?> list -> list.stream().anyMatch(Yaml::holdsInvisible);
            case String text ->
                text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' || INVISIBLE.indexOf(c) >= 0);
            default -> false;
        };
    }
}
