package dev.cria;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Keys of other programs' files that are not known here. One that is set may change a result, so it is refused, unless
 * the user has said to go on.
 */
public final class UnknownKeys {
    /** Where they are told of once they are allowed; set once a process, from the command line. */
    private static volatile Optional<Consumer<String>> allowed = Optional.empty();

    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private UnknownKeys() {}

    /** Passes over unknown keys from now on, each with a warning. */
    public static void allow(Consumer<String> warnings) {
        allowed = Optional.of(warnings);
    }

    /** Refuses unknown keys again. */
    public static void refuse() {
        allowed = Optional.empty();
        TOLD.clear();
    }

    /** Refuses those keys that are neither known nor left at nothing. */
    public static void check(String source, Map<String, ?> keys, Set<String> known) {
        keys.forEach((key, value) -> {
            if (!known.contains(key) && !isNothing(value)) {
                passOver(source + "." + key, String.valueOf(value));
            }
        });
    }

    /** Refuses a key, or tells of it where the user has allowed that. */
    public static void passOver(String key, String value) {
        String problem = key + " is " + shortened(value) + ", which is not supported here and may change results";
        Consumer<String> warnings = allowed.orElseThrow(() -> new RequestException(
                problem, "see docs/interop.md for what is supported, or add --allow-unknown-keys to ignore it"));
        if (TOLD.add(key)) {
            warnings.accept("warning: " + problem + "; ignored");
        }
    }

    private static boolean isNothing(Object value) {
        return switch (value) {
            case null -> true;
            case Boolean flag -> !flag;
            case Iterable<?> list -> !list.iterator().hasNext();
            case Map<?, ?> map -> map.isEmpty();
            default -> false;
        };
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
