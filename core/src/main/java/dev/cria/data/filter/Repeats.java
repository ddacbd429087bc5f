package dev.cria.data.filter;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What of a list stood in it before: how many elements, and how many characters of Unicode they have. */
record Repeats(int elements, long characters) {

    static Repeats in(List<String> parts) {
        Set<String> seen = HashSet.newHashSet(parts.size());
        int elements = 0;
        long characters = 0;
        for (String part : parts) {
            if (!seen.add(part)) {
                elements++;
                characters += part.codePointCount(0, part.length());
            }
        }
        return new Repeats(elements, characters);
    }
}
