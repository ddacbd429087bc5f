package dev.cria.primer;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gloss taken apart: its first definition in plain words, and its usage examples. */
record Gloss(String definition, List<String> examples) {
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");
    private static final Pattern PARENTHESES = Pattern.compile("\\([^()]*\\)");
    private static final Pattern SPACES = Pattern.compile("\\s+");
    private static final Pattern SPACE_BEFORE_MARK = Pattern.compile(" ([,.:)])");
    private static final Pattern EDGES = Pattern.compile("^[ ,:.\\-–]+|[ ,:.\\-–]+$");
    private static final Pattern ATTRIBUTION = Pattern.compile("\\s[-–]+\\s*[A-Z][^;]*$");

    /** Takes {@code small thrush; "the robin sang"} to its definition and its example. */
    static Gloss of(String raw) {
        List<String> examples = new ArrayList<>();
        Matcher quotes = QUOTED.matcher(raw);
        while (quotes.find()) {
            String example = quotes.group(1).strip();
            if (example.length() >= 12 && example.length() <= 120) {
                examples.add(example);
            }
        }
        String plain = QUOTED.matcher(raw).replaceAll(" ");
        while (PARENTHESES.matcher(plain).find()) {
            plain = PARENTHESES.matcher(plain).replaceAll(" ");
        }
        String first = "";
        for (String piece : plain.split(";")) {
            String clean = tidy(piece);
            if (clean.length() >= 3) {
                first = clean;
                break;
            }
        }
        return new Gloss(first, examples);
    }

    private static String tidy(String piece) {
        String clean = ATTRIBUTION.matcher(piece.replace('`', '\'')).replaceAll("");
        clean = SPACES.matcher(clean).replaceAll(" ");
        clean = SPACE_BEFORE_MARK.matcher(clean).replaceAll("$1");
        return EDGES.matcher(clean).replaceAll("");
    }
}
