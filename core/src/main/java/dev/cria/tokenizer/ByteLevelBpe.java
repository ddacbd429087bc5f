package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.tokenizer.AddedToken.Kind;
import dev.cria.tokenizer.AddedTokens.Found;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** The one kind of tokenizer here: text is bytes, bytes are merged pair by pair. */
final class ByteLevelBpe implements Tokenizer {
    private final BpeModel model;
    private final OptionalInt endOfText;
    private final Supplier<Map<String, byte[]>> files;
    private final AddedTokens always;
    private final AddedTokens withSpecial;
    private final EncoderPool encoders;

    /** @param files writes what {@link Tokenizer#files} promises */
    ByteLevelBpe(BpeModel model, OptionalInt endOfText, Supplier<Map<String, byte[]>> files) {
        this.model = model;
        this.endOfText = endOfText;
        this.files = files;
        this.always = new AddedTokens(model.added().stream()
                .filter(token -> token.kind() == Kind.ORDINARY)
                .toList());
        this.withSpecial = new AddedTokens(model.added());
        this.encoders = new EncoderPool(() -> new BpeEncoder(model));
    }

    @Override
    public int[] encode(String text) {
        return encode(text, always);
    }

    @Override
    public int[] encodeWithSpecial(String text) {
        return encode(text, withSpecial);
    }

    @Override
    public List<int[]> encodeAll(List<String> texts) {
        return texts.parallelStream().map(this::encode).toList();
    }

    private int[] encode(String text, AddedTokens literals) {
        BpeEncoder encoder = encoders.take();
        int at = 0;
        Optional<Found> found = literals.isEmpty() ? Optional.empty() : literals.find(text, 0);
        while (found.isPresent()) {
            Found literal = found.get();
            append(encoder, text.substring(at, literal.start()));
            encoder.append(literal.token().id());
            at = literal.end();
            found = literals.find(text, at);
        }
        append(encoder, at == 0 ? text : text.substring(at));
        int[] ids = encoder.take();
        encoders.giveBack(encoder);
        return ids;
    }

    private static void append(BpeEncoder encoder, String text) {
        byte[] utf8 = Utf8.encode(text);
        encoder.append(utf8, 0, utf8.length);
    }

    @Override
    public String decode(int[] ids) {
        int length = 0;
        for (int id : ids) {
            length += checked(id).length;
        }
        byte[] bytes = new byte[length];
        int at = 0;
        for (int id : ids) {
            byte[] token = model.vocabulary().bytes(id);
            System.arraycopy(token, 0, bytes, at, token.length);
            at += token.length;
        }
        return Utf8.decode(bytes, 0, length);
    }

    @Override
    public byte[] bytes(int id) {
        return checked(id).clone();
    }

    private byte[] checked(int id) {
        if (!model.vocabulary().has(id)) {
            throw new RequestException(
                    "token id " + id + " is not in the tokenizer's vocabulary of " + vocabularySize(),
                    "decode with the tokenizer that made the ids");
        }
        return model.vocabulary().bytes(id);
    }

    @Override
    public int vocabularySize() {
        return model.vocabulary().size();
    }

    @Override
    public OptionalInt endOfText() {
        return endOfText;
    }

    @Override
    public Map<String, Integer> specialTokens() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (AddedToken token : model.added()) {
            if (token.kind() == Kind.SPECIAL) {
                ids.put(token.content(), token.id());
            }
        }
        return ids;
    }

    @Override
    public String fingerprint() {
        return model.fingerprint();
    }

    @Override
    public Map<String, byte[]> files() {
        return files.get();
    }
}
