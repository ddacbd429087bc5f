package dev.cria.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A BPE over characters and not bytes, as SentencePiece's: what no token spells falls back to tokens of its bytes, or to
 * the unknown token, or is dropped. Also a byte-level one whose stages respell text or whose vocabulary lacks bytes.
 *
 * @param spellings of all ids, by id; empty where no token has the id
 * @param ids of the vocabulary's tokens by spelling
 * @param signature of the stages, for the fingerprint
 */
record SpelledModel(
        List<String> spellings,
        Map<String, Integer> ids,
        Merges merges,
        List<TextSplitter> splitters,
        List<TextDecoder> decoders,
        Unknown unknown,
        Whole whole,
        List<AddedToken> added)
        implements BpeRules {

    /**
     * What becomes of a character that no token spells.
     *
     * @param byteIds tokens of single bytes, {@link SpelledVocabulary#NONE} where there is none; empty without fallback
     * @param token the unknown token's id, if there is one
     */
    record Unknown(int[] byteIds, OptionalInt token, Fusing fusing) {}

    /** Whether several unknown characters are one unknown token. */
    enum Fusing {
        EACH_ALONE,
        FUSED
    }

    /** Whether a word that is a token as a whole is not merged from parts. */
    enum Whole {
        FROM_MERGES,
        FIRST
    }

    @Override
    public WordEncoder encoder() {
        return new SpelledEncoder(this);
    }

    /** The words of a piece. */
    List<Piece> words(Piece piece) {
        List<Piece> words = List.of(piece);
        for (TextSplitter splitter : splitters) {
            List<Piece> finer = new ArrayList<>();
            for (Piece word : words) {
                if (!word.text().isEmpty()) {
                    splitter.split(word, finer);
                }
            }
            words = finer;
        }
        return words;
    }

    @Override
    public int[] starts(Piece piece, int[] tokens) {
        int[] starts = new int[tokens.length];
        int at = 0;
        var encoder = new SpelledEncoder(this);
        for (Piece word : words(piece)) {
            encoder.appendWord(word.text());
            int[] own = encoder.take();
            int[] places = places(word.text(), own);
            for (int i = 0; i < own.length; i++) {
                starts[at++] = word.origin(places[i]);
            }
        }
        return starts;
    }

    /** The character of a word at which each of its tokens begins. */
    private int[] places(String word, int[] tokens) {
        int[] places = new int[tokens.length];
        int at = 0;
        int bytesLeft = 0;
        for (int i = 0; i < tokens.length; i++) {
            String spelling = spellings.get(tokens[i]);
            while (bytesLeft == 0 && at < word.length() && !word.startsWith(spelling, at) && isDropped(word, at)) {
                at += Character.charCount(word.codePointAt(at));
            }
            places[i] = Math.min(at, Math.max(0, word.length() - 1));
            if (at >= word.length()) {
                continue;
            }
            int width = Character.charCount(word.codePointAt(at));
            if (bytesLeft > 0) {
                bytesLeft--;
                at += bytesLeft == 0 ? width : 0;
            } else if (word.startsWith(spelling, at)) {
                at += spelling.length();
            } else if (TextDecoder.ByteFallback.byteOf(spelling).isPresent()) {
                bytesLeft = Utf8.encode(word.substring(at, at + width)).length - 1;
                at += bytesLeft == 0 ? width : 0;
            } else {
                at = unknownEnd(word, at, width);
            }
        }
        return places;
    }

    private boolean isDropped(String word, int at) {
        return unknown.byteIds().length == 0 && unknown.token().isEmpty() && !isKnown(word, at);
    }

    private int unknownEnd(String word, int from, int width) {
        int at = from + width;
        while (unknown.fusing() == Fusing.FUSED && at < word.length() && !isKnown(word, at)) {
            at += Character.charCount(word.codePointAt(at));
        }
        return at;
    }

    private boolean isKnown(String word, int at) {
        return ids.containsKey(Character.toString(word.codePointAt(at)));
    }

    @Override
    public int size() {
        return spellings.size();
    }

    @Override
    public boolean has(int id) {
        return id >= 0 && id < spellings.size() && !spellings.get(id).isEmpty();
    }

    /** As they are within a text: what is dropped from its beginning is not. */
    @Override
    public byte[] bytes(int id) {
        String token = spellings.get(id);
        boolean added = added().stream().anyMatch(a -> a.id() == id);
        for (TextDecoder decoder : added ? List.<TextDecoder>of() : decoders) {
            switch (decoder) {
                case TextDecoder.ByteLevel() -> {
                    return TextDecoder.ByteLevel.bytes(token);
                }
                case TextDecoder.ByteFallback() -> {
                    OptionalInt value = TextDecoder.ByteFallback.byteOf(token);
                    if (value.isPresent()) {
                        return new byte[] {(byte) value.getAsInt()};
                    }
                }
                case TextDecoder.Replace replace ->
                    token = replace.decode(List.of(token)).getFirst();
                case TextDecoder.Metaspace metaspace -> token = token.replace(metaspace.mark(), " ");
                case TextDecoder.Fuse _, TextDecoder.Strip _ -> {}
            }
        }
        return token.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String decode(int[] tokens) {
        List<String> parts = Arrays.stream(tokens).mapToObj(spellings::get).toList();
        for (TextDecoder decoder : decoders) {
            parts = decoder.decode(parts);
        }
        return String.join("", parts);
    }

    @Override
    public String fingerprint() {
        var hash = new Fingerprint();
        hash.add(splitters + "\n" + decoders + "\n" + unknown.fusing() + "\n" + whole);
        hash.add(unknown.token().orElse(-1));
        hash.add(unknown.byteIds());
        hash.add(spellings.size());
        spellings.forEach(hash::add);
        merges.addTo(hash);
        hash.add(added);
        return hash.hex();
    }

    /** The ids of a vocabulary by spelling. */
    static Map<String, Integer> ids(SpelledVocabulary vocabulary) {
        Map<String, Integer> ids = new HashMap<>();
        List<String> spellings = vocabulary.spellings();
        for (int id = 0; id < spellings.size(); id++) {
            Optional<String> token = vocabulary.token(id);
            if (token.isPresent()) {
                ids.put(token.get(), id);
            }
        }
        return ids;
    }
}
