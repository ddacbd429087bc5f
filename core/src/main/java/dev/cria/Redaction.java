package dev.cria;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps secrets and terminal codes out of what is shown. Secrets are the values of environment variables whose names say
 * so, and what stands before the {@code @} of an address; a server may echo them, or an exception quote them.
 */
public final class Redaction {
    private static final String SHOWN = "***";
    private static final int SHORTEST_SECRET = 6;
    private static final Pattern NAME = Pattern.compile(
            "(.*_)?(TOKEN|API_?KEY|ACCESS_?KEY|SECRET(_KEY)?|SECRET_ACCESS_KEY|PASSWORD|PASSWD)(_\\d+)?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern USER = Pattern.compile("(?<=\\w://)[^/\\s@\"'<>]*@");
    private static final List<String> SECRETS = secrets(System.getenv());

    private Redaction() {}

    /** The secrets of an environment, the longest first, with and without white space around them. */
    static List<String> secrets(Map<String, String> environment) {
        return environment.entrySet().stream()
                .filter(variable -> NAME.matcher(variable.getKey()).matches())
                .flatMap(variable -> parts(variable.getValue()))
                .filter(secret -> secret.length() >= SHORTEST_SECRET)
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    /** A value of several lines is printed line by line. */
    private static Stream<String> parts(String value) {
        return Arrays.stream(value.strip().split("\\s+"));
    }

    /** The text without secrets. */
    public static String of(String text) {
        return of(text, SECRETS);
    }

    static String of(String text, List<String> secrets) {
        String shown = text;
        for (String secret : secrets) {
            shown = shown.replace(secret, SHOWN);
        }
        return shown.contains("@") ? USER.matcher(shown).replaceAll(SHOWN + "@") : shown;
    }

    /** A text from outside on one line: without secrets, terminal codes and other control characters. */
    public static String line(String text) {
        StringBuilder line = new StringBuilder();
        of(text).codePoints().forEach(c -> {
            if (isShown(c)) {
                line.appendCodePoint(c);
            } else if (line.isEmpty() || line.charAt(line.length() - 1) != ' ') {
                line.append(' ');
            }
        });
        return line.toString();
    }

    /** A text from outside on several lines, each as {@link #line} shows it. */
    public static String lines(String text) {
        return text.lines().map(Redaction::line).collect(Collectors.joining("\n", "", text.endsWith("\n") ? "\n" : ""));
    }

    /** Control characters move the cursor, and marks of direction turn what follows them around. */
    private static boolean isShown(int c) {
        return !Character.isISOControl(c)
                && c != 0x2028
                && c != 0x2029
                && !(c >= 0x202a && c <= 0x202e)
                && !(c >= 0x2066 && c <= 0x2069);
    }
}
