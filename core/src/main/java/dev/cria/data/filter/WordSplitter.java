package dev.cria.data.filter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Parts a run of anything but white space into words and signs: signs come off both ends, one after the other, until a
 * word of the list of exceptions is left or none comes off; what is left is parted at signs within. As in spaCy's
 * tokenizer for English, by which datatrove's filters count.
 *
 * @see "spaCy 3.8, tokenizer.pyx"
 */
final class WordSplitter {
    /** Longer runs are no addresses; looking for one in a megabyte without a space would take for ever. */
    private static final int LONGEST_ADDRESS = 4096;

    private static final English RULES = English.RULES;
    private static final int LONGEST_EXCEPTION =
            RULES.exceptions().keySet().stream().mapToInt(String::length).max().orElse(0);
    private static final int LONGEST_SUFFIX =
            RULES.afterDigit().stream().mapToInt(String::length).max().orElse(0);
    private static final Pattern ADDRESS = address();
    /** Exceptions that the signs at their ends would be taken from, and where that would part them. */
    private static final Map<String, int[]> HIDDEN = hidden();

    private WordSplitter() {}

    /** Where the words of a run end, counted from the run's beginning. */
    static int[] split(String run) {
        return joinHidden(run, split(run, true));
    }

    private static int[] split(String run, boolean exceptions) {
        List<Integer> ends = new ArrayList<>();
        List<Integer> suffixes = new ArrayList<>();
        int left = 0;
        int right = run.length();
        int last = -1;
        while (left < right && right - left != last) {
            if (exceptions && isException(run, left, right)) {
                break;
            }
            last = right - left;
            int prefix = prefix(run, left, right);
            if (prefix > 0 && exceptions && isException(run, left + prefix, right)) {
                left += prefix;
                ends.add(left);
                break;
            }
            int suffix = suffix(run, left + prefix, right);
            if (suffix > 0 && exceptions && isException(run, left, right - suffix)) {
                suffixes.add(right);
                right -= suffix;
                break;
            }
            if (prefix > 0) {
                left += prefix;
                ends.add(left);
            }
            if (suffix > 0) {
                suffixes.add(right);
                right -= suffix;
            }
        }
        if (left < right) {
            addMiddle(run, left, right, exceptions, ends);
        }
        ends.addAll(suffixes.reversed());
        return ends.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean isException(String run, int from, int to) {
        return from < to && to - from <= LONGEST_EXCEPTION && RULES.exceptions().containsKey(run.substring(from, to));
    }

    private static List<String> parts(String exception) {
        return RULES.exceptions().getOrDefault(exception, List.of(exception));
    }

    private static void addMiddle(String run, int left, int right, boolean exceptions, List<Integer> ends) {
        if (exceptions && isException(run, left, right)) {
            int end = left;
            for (String part : parts(run.substring(left, right))) {
                end += part.length();
                ends.add(end);
            }
            return;
        }
        if (!isAddress(run, left, right)) {
            int from = left;
            for (int at = left + 1; at < right; at++) {
                int infix = infix(run, left, at, right);
                if (infix > 0) {
                    if (at > from) {
                        ends.add(at);
                    }
                    from = at + infix;
                    ends.add(from);
                    at = from - 1;
                }
            }
            if (from == right) {
                return;
            }
        }
        ends.add(right);
    }

    /** How long the sign is that a run begins with, 0 if it begins with none. */
    private static int prefix(String run, int from, int to) {
        char first = run.charAt(from);
        if (first == '.') {
            int dots = dots(run, from, to);
            return dots > 1 ? dots : 0;
        }
        if (first == '+') {
            return from + 1 < to && isDigit(run.charAt(from + 1)) ? 0 : 1;
        }
        int character = Character.charCount(run.codePointAt(from));
        if (RULES.icons().get(run.codePointAt(from)) || RULES.prefixes().contains(run.substring(from, from + 1))) {
            return character;
        }
        for (int length = 2; length <= 3 && from + length <= to; length++) {
            if (RULES.prefixes().contains(run.substring(from, from + length))) {
                return length;
            }
        }
        return 0;
    }

    private static int dots(String run, int from, int to) {
        int at = from;
        while (at < to && run.charAt(at) == '.') {
            at++;
        }
        return at - from;
    }

    /** How long the sign is that a run ends with, 0 if it ends with none. */
    private static int suffix(String run, int from, int to) {
        if (from >= to) {
            return 0;
        }
        if (run.charAt(to - 1) == '.') {
            return points(run, from, to);
        }
        for (int length = Math.min(LONGEST_SUFFIX, to - from - 1); length > 0; length--) {
            if (isDigit(run.charAt(to - length - 1)) && RULES.afterDigit().contains(run.substring(to - length, to))) {
                return length;
            }
            if (length == 2 && RULES.suffixes().contains(run.substring(to - 2, to))) {
                return 2;
            }
        }
        if (to - from == 2 && RULES.suffixes().contains(run.substring(from, to))) {
            return 2;
        }
        int last = run.codePointBefore(to);
        return RULES.icons().get(last) || RULES.suffixes().contains(run.substring(to - 1, to))
                ? Character.charCount(last)
                : 0;
    }

    private static int points(String run, int from, int to) {
        int at = to;
        while (at > from && run.charAt(at - 1) == '.') {
            at--;
        }
        if (to - at > 1) {
            return to - at;
        }
        if (at == from) {
            return 0;
        }
        int before = run.codePointBefore(at);
        int second = at - Character.charCount(before);
        boolean parts = RULES.beforePoint().get(before)
                || second > from
                        && (RULES.upper().get(before) && RULES.upper().get(run.codePointBefore(second))
                                || run.charAt(second - 1) == '°' && "FfCcKk".indexOf(before) >= 0);
        return parts ? 1 : 0;
    }

    /** How long the sign at {@code at} is if words part there, else 0. */
    private static int infix(String run, int from, int at, int to) {
        char sign = run.charAt(at);
        if (sign == '.') {
            int dots = dots(run, at, to);
            return dots > 1 ? dots : isBetween(run, at, 1, to, RULES.lower(), RULES.upper(), RULES.quotes()) ? 1 : 0;
        }
        if (sign == '…') {
            return 1;
        }
        int character = run.codePointAt(at);
        if (RULES.icons().get(character)) {
            return Character.charCount(character);
        }
        if ("+-*^".indexOf(sign) >= 0
                && isDigit(run.charAt(at - 1))
                && at + 1 < to
                && (isDigit(run.charAt(at + 1)) || run.charAt(at + 1) == '-')) {
            return 1;
        }
        boolean afterLetter = RULES.alpha().get(run.codePointBefore(at));
        boolean afterDigit = isDigit(run.charAt(at - 1));
        if (sign == ',') {
            return afterLetter && isAlpha(run, at + 1, to) ? 1 : 0;
        }
        if (!afterLetter && !afterDigit) {
            return 0;
        }
        for (String hyphen : RULES.hyphens()) {
            if (run.startsWith(hyphen, at) && isAlpha(run, at + hyphen.length(), to)) {
                return hyphen.length();
            }
        }
        return ":<>=/".indexOf(sign) >= 0 && isAlpha(run, at + 1, to) ? 1 : 0;
    }

    private static boolean isBetween(String run, int at, int length, int to, BitSet left, BitSet right, BitSet both) {
        int before = run.codePointBefore(at);
        if (at + length >= to || !left.get(before) && !both.get(before)) {
            return false;
        }
        int after = run.codePointAt(at + length);
        return right.get(after) || both.get(after);
    }

    private static boolean isAlpha(String run, int at, int to) {
        return at < to && RULES.alpha().get(run.codePointAt(at));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isAddress(String run, int from, int to) {
        return to - from <= LONGEST_ADDRESS
                && run.indexOf('.', from, to) >= 0
                && ADDRESS.matcher(run.substring(from, to)).matches();
    }

    private static Pattern address() {
        StringBuilder lower = new StringBuilder();
        BitSet letters = RULES.lower();
        for (int first = letters.nextSetBit(0); first >= 0; first = letters.nextSetBit(letters.nextClearBit(first))) {
            lower.append("\\x{%x}-\\x{%x}".formatted(first, letters.nextClearBit(first) - 1));
        }
        String host = "A-Za-z0-9\\u00a1-\\uffff";
        return Pattern.compile(
                "(?:(?:[\\w+\\-.]{2,})://)?(?:\\S+(?::\\S*)?@)?(?:"
                        + "(?!(?:10|127)(?:\\.\\d{1,3}){3})(?!(?:169\\.254|192\\.168)(?:\\.\\d{1,3}){2})"
                        + "(?!172\\.(?:1[6-9]|2\\d|3[0-1])(?:\\.\\d{1,3}){2})"
                        + "(?:[1-9]\\d?|1\\d\\d|2[01]\\d|22[0-3])(?:\\.(?:1?\\d{1,2}|2[0-4]\\d|25[0-5])){2}"
                        + "(?:\\.(?:[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-4]))"
                        + "|(?:(?:[" + host + "][" + host + "_-]{0,62})?[" + host + "]\\.)+"
                        + "(?:[" + lower + "]{2,63}))(?::\\d{2,5})?(?:[/?#]\\S*)?",
                Pattern.UNICODE_CHARACTER_CLASS);
    }

    private static Map<String, int[]> hidden() {
        Map<String, int[]> hidden = new HashMap<>();
        for (String exception : RULES.exceptions().keySet()) {
            boolean infixed = false;
            for (int at = 1; at < exception.length(); at++) {
                infixed |= infix(exception, 0, at, exception.length()) > 0;
            }
            if (infixed
                    || prefix(exception, 0, exception.length()) > 0
                    || suffix(exception, 0, exception.length()) > 0) {
                hidden.put(exception, split(exception, false));
            }
        }
        return hidden;
    }

    private record Match(int first, int end) {
        int length() {
            return end - first;
        }
    }

    /** Puts together what an exception was parted into after all, such as {@code :)} in {@code (see:)}. */
    private static int[] joinHidden(String run, int[] ends) {
        List<Match> matches = new ArrayList<>();
        for (int first = 0; ends.length > 1 && first < ends.length; first++) {
            int begin = first == 0 ? 0 : ends[first - 1];
            for (int end = first + 1; end <= ends.length && ends[end - 1] - begin <= LONGEST_EXCEPTION; end++) {
                int[] parts = HIDDEN.get(run.substring(begin, ends[end - 1]));
                if (parts != null && isParted(ends, first, end, begin, parts)) {
                    matches.add(new Match(first, end));
                }
            }
        }
        return matches.isEmpty() ? ends : joined(run, ends, longestOf(matches));
    }

    private static boolean isParted(int[] ends, int first, int end, int begin, int[] parts) {
        if (parts.length != end - first) {
            return false;
        }
        for (int i = 0; i < parts.length; i++) {
            if (ends[first + i] - begin != parts[i]) {
                return false;
            }
        }
        return true;
    }

    /** The longest of those that share words, of equally long ones the first. */
    private static TreeMap<Integer, Match> longestOf(List<Match> matches) {
        matches.sort((a, b) -> a.length() != b.length() ? b.length() - a.length() : a.first - b.first);
        Set<Integer> taken = new HashSet<>();
        TreeMap<Integer, Match> chosen = new TreeMap<>();
        for (Match match : matches) {
            if (!taken.contains(match.first) && !taken.contains(match.end - 1)) {
                chosen.put(match.first, match);
            }
            for (int i = match.first; i < match.end; i++) {
                taken.add(i);
            }
        }
        return chosen;
    }

    private static int[] joined(String run, int[] ends, Map<Integer, Match> chosen) {
        int[] joined = new int[run.length()];
        int count = 0;
        for (int i = 0; i < ends.length; i++) {
            Match match = chosen.get(i);
            if (match == null) {
                joined[count++] = ends[i];
                continue;
            }
            int end = i == 0 ? 0 : ends[i - 1];
            for (String part : parts(run.substring(end, ends[match.end - 1]))) {
                end += part.length();
                joined[count++] = end;
            }
            i = match.end - 1;
        }
        return Arrays.copyOf(joined, count);
    }
}
