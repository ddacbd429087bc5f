package dev.cria.cli;

import dev.cria.RequestException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which checkpoints are meant: those of the steps from, from + by, from + 2 · by … up to {@code to}, which counts.
 *
 * @param by 1 for every step
 */
record StepRange(long from, long to, long by) {
    static final StepRange ALL = new StepRange(0, Long.MAX_VALUE, 1);

    private static final Pattern FORM = Pattern.compile("(\\d{1,12}):(\\d{1,12})(?::(\\d{1,12}))?");

    static StepRange parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw wrong(text, "not FROM:TO or FROM:TO:BY");
        }
        long from = Long.parseLong(parts.group(1));
        long to = Long.parseLong(parts.group(2));
        long by = parts.group(3) == null ? 1 : Long.parseLong(parts.group(3));
        if (from > to || by == 0) {
            throw wrong(text, by == 0 ? "a range by steps of 0" : "a range that ends before it begins");
        }
        return new StepRange(from, to, by);
    }

    private static RequestException wrong(String text, String why) {
        return new RequestException("--steps is " + text + ", " + why, "--steps 0:40000:1000");
    }

    boolean contains(long step) {
        return step >= from && step <= to && (step - from) % by == 0;
    }
}
