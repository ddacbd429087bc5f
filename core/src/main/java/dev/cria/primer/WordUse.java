package dev.cria.primer;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How WordNet's own text, 1.5 million words of glosses and examples, uses each word: how often, how often counted
 * ({@code a robin,}), how often not ({@code of water,}). One pass over plain characters, since this runs at every start.
 */
final class WordUse {
    private static final Set<String> BEFORE_COUNTED =
            Set.of("a", "an", "each", "every", "another", "one's", "his", "her");
    private static final Set<String> BEFORE_UNCOUNTED = Set.of(
            "of",
            "with",
            "from",
            "into",
            "using",
            "much",
            "some",
            "produce",
            "produces",
            "contain",
            "contains",
            "containing");
    /** What follows a whole noun phrase; before another noun, the article would belong to that. */
    private static final Set<String> AFTER = Set.of(
            "of", "that", "which", "who", "with", "in", "for", "and", "or", "is", "was", "from", "on", "by", "at", "to",
            "used", "having", "when", "as", "into", "made");

    private final Map<String, Integer> all = new HashMap<>(80_000);
    private final Map<String, Integer> counted = new HashMap<>();
    private final Map<String, Integer> uncounted = new HashMap<>();

    WordUse(List<Entry> entries) {
        entries.forEach(entry -> read(entry.gloss().toLowerCase(Locale.ROOT)));
    }

    private void read(String text) {
        String before = "";
        String word = "";
        boolean stopped = true;
        int i = 0;
        while (i < text.length()) {
            int start = i;
            while (i < text.length() && isInWord(text.charAt(i))) {
                i++;
            }
            if (i > start) {
                String next = text.substring(start, i);
                all.merge(next, 1, Integer::sum);
                if (!stopped && AFTER.contains(next)) {
                    tally(before, word);
                }
                before = stopped ? "" : word;
                word = next;
                stopped = false;
            } else {
                if (text.charAt(i) != ' ' && !stopped) {
                    tally(before, word);
                    stopped = true;
                }
                i++;
            }
        }
        if (!stopped) {
            tally(before, word);
        }
    }

    private static boolean isInWord(char c) {
        return c >= 'a' && c <= 'z' || c == '\'' || c == '-';
    }

    private void tally(String before, String word) {
        if (BEFORE_COUNTED.contains(before)) {
            counted.merge(word, 1, Integer::sum);
        } else if (BEFORE_UNCOUNTED.contains(before)) {
            uncounted.merge(word, 1, Integer::sum);
        }
    }

    int frequency(String word) {
        return all.getOrDefault(word, 0);
    }

    int counted(String word) {
        return counted.getOrDefault(word, 0);
    }

    int uncounted(String word) {
        return uncounted.getOrDefault(word, 0);
    }
}
