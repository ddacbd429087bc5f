package dev.cria.format;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** How many letters two words differ by: insertions, deletions and replacements (Levenshtein 1966). */
public final class EditDistance {

    private EditDistance() {}

    /** The word that was probably meant, where one is near enough to be a slip of the fingers. */
    public static Optional<String> nearest(String word, Collection<String> known) {
        return known.stream()
                .filter(name -> between(word, name) <= Math.max(2, name.length() / 3))
                .min(Comparator.comparingInt(name -> between(word, name)));
    }

    static int between(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
