package dev.cria.data.filter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The lines of a text that hold anything but white space. */
record Lines(List<String> filled) {

    static Lines of(String text) {
        List<String> filled = new ArrayList<>();
        int start = 0;
        while (start <= text.length()) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            String line = text.substring(start, end);
            if (!line.isBlank()) {
                filled.add(line);
            }
            start = end + 1;
        }
        return new Lines(filled);
    }

    /** What of a list stood in it before: how many elements, and how many characters they have. */
    record Repeats(int elements, long characters) {

        static Repeats in(List<String> parts) {
            Set<String> seen = new HashSet<>(parts.size() * 2);
            int elements = 0;
            long characters = 0;
            for (String part : parts) {
                if (!seen.add(part)) {
                    elements++;
                    characters += part.length();
                }
            }
            return new Repeats(elements, characters);
        }
    }

    /** Whether a line ends as a sentence does, where {@code 'quotes'} and "quotes" count too. */
    static boolean endsLikeASentence(String line) {
        int last = line.length() - 1;
        while (last >= 0 && Character.isWhitespace(line.charAt(last))) {
            last--;
        }
        return last >= 0 && ".!?\"'”’".indexOf(line.charAt(last)) >= 0;
    }
}
