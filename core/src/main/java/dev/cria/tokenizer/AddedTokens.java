package dev.cria.tokenizer;

import dev.cria.tokenizer.AddedToken.Kind;
import dev.cria.tokenizer.AddedToken.Trait;
import dev.cria.tokenizer.TokenizerPipe.Literals;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds the literals of added tokens in a text: the leftmost, and of several there the longest. Where special tokens are
 * ordinary text, a special literal still hides what begins within it, as in Hugging Face's tokenizers.
 */
final class AddedTokens {
    private record Literal(String text, AddedToken token) {}

    private static final Pattern WORD = Pattern.compile("\\w", Pattern.UNICODE_CHARACTER_CLASS);

    private final Map<Character, List<Literal>> byFirst = new HashMap<>();
    private final BitSet firsts = new BitSet();
    private final boolean anyOrdinary;

    /** @param normalizer of the texts that are searched for normalized tokens */
    AddedTokens(List<AddedToken> tokens, Normalizer normalizer) {
        for (AddedToken token : tokens) {
            String text = token.text(normalizer);
            if (!text.isEmpty()) {
                firsts.set(text.charAt(0));
                byFirst.computeIfAbsent(text.charAt(0), _ -> new ArrayList<>()).add(new Literal(text, token));
            }
        }
        Comparator<Literal> longestFirst =
                Comparator.comparingInt((Literal l) -> l.text().length()).reversed();
        byFirst.values().forEach(sharing -> sharing.sort(longestFirst));
        anyOrdinary = tokens.stream().anyMatch(token -> token.kind() == Kind.ORDINARY);
    }

    /** Takes the parts of a text in order: its tokens, and what lies between. */
    interface Parts {
        void text(Piece piece);

        void token(AddedToken token, int start);
    }

    /** Gives each part of a text to {@code parts}; none is empty. */
    void split(Piece piece, Literals literals, Parts parts) {
        boolean all = literals == Literals.SPECIAL_TOKENS;
        String text = piece.text();
        int done = 0;
        for (int at = all || anyOrdinary ? 0 : text.length(); at < text.length(); ) {
            Optional<Literal> found = firsts.get(text.charAt(at)) ? literal(text, at) : Optional.empty();
            if (found.isEmpty()) {
                at++;
                continue;
            }
            int end = at + found.get().text().length();
            AddedToken token = found.get().token();
            boolean wanted = (all || token.kind() == Kind.ORDINARY)
                    && (!token.has(Trait.SINGLE_WORD) || !touchesWord(text, at, end));
            if (wanted) {
                int start = token.has(Trait.LSTRIP) ? Math.max(CodePoints.spaceStart(text, at), done) : at;
                if (done < start) {
                    parts.text(piece.part(done, start));
                }
                parts.token(token, piece.origin(start));
                done = token.has(Trait.RSTRIP) ? CodePoints.spaceEnd(text, end) : end;
            }
            at = end;
        }
        if (done < text.length()) {
            parts.text(piece.part(done, text.length()));
        }
    }

    private Optional<Literal> literal(String text, int at) {
        for (Literal literal : byFirst.getOrDefault(text.charAt(at), List.of())) {
            if (text.startsWith(literal.text(), at)) {
                return Optional.of(literal);
            }
        }
        return Optional.empty();
    }

    private static boolean touchesWord(String text, int from, int to) {
        return from > 0 && isWord(text.codePointBefore(from)) || to < text.length() && isWord(text.codePointAt(to));
    }

    private static boolean isWord(int codePoint) {
        return WORD.matcher(Character.toString(codePoint)).matches();
    }
}
