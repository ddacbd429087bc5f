package dev.cria.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the literals of added tokens in a text: the leftmost, and of several there the longest. */
final class AddedTokens {
    private final Map<Character, List<AddedToken>> byFirst = new HashMap<>();
    private final BitSet firsts = new BitSet();

    AddedTokens(List<AddedToken> tokens) {
        for (AddedToken token : tokens) {
            char first = token.content().charAt(0);
            firsts.set(first);
            byFirst.computeIfAbsent(first, _ -> new ArrayList<>()).add(token);
        }
        Comparator<AddedToken> longestFirst =
                Comparator.comparingInt((AddedToken t) -> t.content().length()).reversed();
        byFirst.values().forEach(sharing -> sharing.sort(longestFirst));
    }

    boolean isEmpty() {
        return byFirst.isEmpty();
    }

    /** The first literal that begins at or after {@code from}. */
    Optional<Found> find(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char first = text.charAt(i);
            if (firsts.get(first)) {
                for (AddedToken token : byFirst.getOrDefault(first, List.of())) {
                    if (text.startsWith(token.content(), i)) {
                        return Optional.of(new Found(token, i));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** A token's literal at {@code text[start, end)}. */
    record Found(AddedToken token, int start) {
        int end() {
            return start + token.content().length();
        }
    }
}
