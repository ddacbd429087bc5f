package dev.cria.sweep;

import dev.cria.RequestException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What differs between trials: a key of the configuration, or several that move together, and their values. */
public sealed interface Varied {

    /** One key, or those that move together: the first names the trial. */
    List<String> keys();

    /** One value for each key, at random. */
    List<String> draw(SplittableRandom random);

    /** As it is typed behind {@code --vary}. */
    String typed();

    /**
     * Values in the order in which they are tried.
     *
     * @param values of each trial, one for each key
     */
    record Listed(List<String> keys, List<List<String>> values) implements Varied {
        @Override
        public List<String> draw(SplittableRandom random) {
            return values.get(random.nextInt(values.size()));
        }

        @Override
        public String typed() {
            return String.join(TOGETHER, keys) + "="
                    + String.join(
                            ",",
                            values.stream().map(v -> String.join(TOGETHER, v)).toList());
        }
    }

    /**
     * Numbers of which each order of magnitude is as likely as any other; both ends whole makes whole ones.
     *
     * @param from above 0
     * @param to above from
     */
    record LogUniform(String key, String from, String to) implements Varied {
        /** Names of trials stay short, and no result depends on the fourth digit of a rate. */
        private static final MathContext DIGITS = new MathContext(3);

        @Override
        public List<String> keys() {
            return List.of(key);
        }

        @Override
        public List<String> draw(SplittableRandom random) {
            double low = Math.log(Double.parseDouble(from));
            double high = Math.log(Double.parseDouble(to));
            double drawn = Math.exp(low + random.nextDouble() * (high - low));
            return List.of(isWhole() ? String.valueOf(Math.round(drawn)) : String.valueOf(rounded(drawn)));
        }

        private boolean isWhole() {
            return from.matches("\\d+") && to.matches("\\d+");
        }

        private static double rounded(double value) {
            return new BigDecimal(value).round(DIGITS).doubleValue();
        }

        @Override
        public String typed() {
            return key + "=" + from + ".." + to;
        }
    }

    /** Parts keys that move together, and their values. */
    String TOGETHER = "/";

    Pattern RANGE = Pattern.compile("([-+.eE\\d]*\\d[.]?)[.]{2}([-+.eE\\d]+)");

    /**
     * Reads what stands behind {@code --vary}.
     *
     * @param text {@code KEY=A,B,…}, {@code KEY=LOW..HIGH}, or {@code KEY1/KEY2=A1/A2,B1/B2,…}
     */
    static Varied parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0 || equals == text.length() - 1) {
            throw new RequestException(
                    "--vary " + text + " is not KEY=A,B,…", "--vary schedule.learning_rate=6e-4,1.2e-3");
        }
        List<String> keys = List.of(text.substring(0, equals).split(TOGETHER, -1));
        String values = text.substring(equals + 1);
        Matcher range = RANGE.matcher(values);
        if (keys.size() == 1 && range.matches()) {
            return range(keys.getFirst(), range.group(1), range.group(2));
        }
        return new Listed(
                keys, split(values).stream().map(value -> together(keys, value)).toList());
    }

    private static Varied range(String key, String from, String to) {
        double low = number(from);
        double high = number(to);
        if (!(low > 0 && high > low && Double.isFinite(high))) {
            throw new RequestException(
                    "--vary " + key + "=" + from + ".." + to + " is not from a number above 0 to a larger one",
                    "--vary " + key + "=1e-4..1e-2");
        }
        return new LogUniform(key, from, to);
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException _) {
            return Double.NaN;
        }
    }

    private static List<String> together(List<String> keys, String value) {
        List<String> parts = keys.size() == 1 ? List.of(value) : Arrays.asList(value.split(TOGETHER, -1));
        if (parts.size() != keys.size() || parts.stream().anyMatch(String::isBlank)) {
            throw new RequestException(
                    "--vary " + String.join(TOGETHER, keys) + "=… has " + (value.isBlank() ? "an empty value" : value)
                            + ", and a value is needed for " + (keys.size() == 1 ? "each trial" : "each key"),
                    keys.size() == 1
                            ? "--vary " + keys.getFirst() + "=A,B"
                            : "--vary " + String.join(TOGETHER, keys) + "=A1/A2,B1/B2");
        }
        return List.copyOf(parts);
    }

    /** At the commas that are in no brackets and no quotes. */
    private static List<String> split(String values) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        char quote = 0;
        int begin = 0;
        for (int i = 0; i < values.length(); i++) {
            char c = values.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(values.substring(begin, i));
                begin = i + 1;
            }
        }
        parts.add(values.substring(begin));
        return parts;
    }
}
