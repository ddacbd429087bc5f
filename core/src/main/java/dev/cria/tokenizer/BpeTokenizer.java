package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.tokenizer.AddedToken.Kind;
import dev.cria.tokenizer.AddedToken.Trait;
import dev.cria.tokenizer.AddedTokens.Parts;
import dev.cria.tokenizer.TokenizerPipe.Literals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The one kind of tokenizer here: added tokens are found in the text, what lies between is normalized and cut into
 * words, and in a word pairs are merged.
 */
final class BpeTokenizer implements Tokenizer {
    private final BpeRules rules;
    private final Normalizer normalizer;
    private final Roles roles;
    private final Supplier<Map<String, byte[]>> files;
    private final AddedTokens asTheyCome;
    private final AddedTokens normalized;
    private final EncoderPool encoders;

    /** @param files writes what {@link Tokenizer#files} promises */
    BpeTokenizer(BpeRules rules, Normalizer normalizer, Roles roles, Supplier<Map<String, byte[]>> files) {
        this.rules = rules;
        this.normalizer = normalizer;
        this.roles = roles;
        this.files = files;
        // Special ones first: of two with one literal they are meant.
        List<AddedToken> ordered = rules.added().stream()
                .sorted((a, b) -> a.kind().compareTo(b.kind()))
                .toList();
        this.asTheyCome = new AddedTokens(
                ordered.stream().filter(t -> !t.has(Trait.NORMALIZED)).toList(), normalizer);
        this.normalized = new AddedTokens(
                ordered.stream().filter(t -> t.has(Trait.NORMALIZED)).toList(), normalizer);
        this.encoders = new EncoderPool(rules::encoder);
    }

    @Override
    public int[] encode(String text) {
        return encode(text, Literals.ORDINARY_TEXT);
    }

    @Override
    public int[] encodeWithSpecial(String text) {
        return encode(text, Literals.SPECIAL_TOKENS);
    }

    @Override
    public List<int[]> encodeAll(List<String> texts) {
        return texts.parallelStream().map(this::encode).toList();
    }

    private int[] encode(String text, Literals literals) {
        WordEncoder encoder = encoders.take();
        parts(text, literals, new Parts() {
            @Override
            public void text(Piece piece) {
                encoder.append(piece);
            }

            @Override
            public void token(AddedToken token, int start) {
                encoder.append(token.id());
            }
        });
        int[] ids = encoder.take();
        encoders.giveBack(encoder);
        return ids;
    }

    private void parts(String text, Literals literals, Parts parts) {
        asTheyCome.split(Piece.of(text, 0), literals, new Parts() {
            @Override
            public void text(Piece piece) {
                normalized.split(normalizer.apply(piece), literals, parts);
            }

            @Override
            public void token(AddedToken token, int start) {
                parts.token(token, start);
            }
        });
    }

    @Override
    public Encoded encodeWithStarts(String text, Literals literals) {
        WordEncoder encoder = encoders.take();
        IdBuffer ids = new IdBuffer(text.length() / 3 + 8);
        IdBuffer starts = new IdBuffer(text.length() / 3 + 8);
        Consumer<Piece> ordinary = piece -> {
            encoder.append(piece);
            int[] own = encoder.take();
            ids.add(own, 0, own.length);
            starts.add(rules.starts(piece, own), 0, own.length);
        };
        parts(text, literals, new Parts() {
            @Override
            public void text(Piece piece) {
                ordinary.accept(piece);
            }

            @Override
            public void token(AddedToken token, int start) {
                ids.add(token.id());
                starts.add(start);
            }
        });
        encoders.giveBack(encoder);
        return new Encoded(ids.toArray(), starts.toArray());
    }

    @Override
    public String decode(int[] ids) {
        for (int id : ids) {
            requireKnown(id);
        }
        return rules.decode(ids);
    }

    @Override
    public byte[] bytes(int id) {
        requireKnown(id);
        return rules.bytes(id).clone();
    }

    private void requireKnown(int id) {
        if (!rules.has(id)) {
            throw new RequestException(
                    "token id " + id + " is not in the tokenizer's vocabulary of " + vocabularySize(),
                    "decode with the tokenizer that made the ids");
        }
    }

    @Override
    public int vocabularySize() {
        return rules.size();
    }

    @Override
    public Roles roles() {
        return roles;
    }

    @Override
    public Map<String, Integer> specialTokens() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (AddedToken token : rules.added()) {
            if (token.kind() == Kind.SPECIAL) {
                ids.put(token.content(), token.id());
            }
        }
        return ids;
    }

    /** That of the rules alone, where no text is normalized and no literal is looked for in a way of its own. */
    @Override
    public String fingerprint() {
        boolean plain = rules instanceof BpeModel
                && normalizer.equals(Normalizer.NONE)
                && rules.added().stream().allMatch(t -> t.traits().isEmpty());
        if (plain) {
            return rules.fingerprint();
        }
        var hash = new Fingerprint();
        hash.add(rules.fingerprint());
        hash.add(normalizer.toString());
        rules.added().forEach(t -> hash.add(t.id() + " " + t.traits()));
        return hash.hex();
    }

    @Override
    public Map<String, byte[]> files() {
        return files.get();
    }
}
