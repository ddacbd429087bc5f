package dev.cria.tokenizer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tokens of {@code model.vocab} as the file spells them, by spelling and by id. Grows while the file is read. */
final class SpelledVocabulary {
    /** No token is so spelled. */
    static final int NONE = -1;

    /** As many as GPT-2's fit without growing. */
    private static final int USUAL_SIZE = 1 << 16;

    private static final String NO_TOKEN = "";

    private final Map<String, Integer> ids = HashMap.newHashMap(USUAL_SIZE);
    private final List<String> spellings = new ArrayList<>(USUAL_SIZE);

    /** Adds a token that is not empty, with an id that no other has. */
    void add(String token, int id) {
        if (id >= spellings.size()) {
            spellings.addAll(Collections.nCopies(id + 1 - spellings.size(), NO_TOKEN));
        }
        spellings.set(id, token);
        ids.put(token, id);
    }

    /** The id of a spelling, or {@link #NONE}. */
    int id(String token) {
        return ids.getOrDefault(token, NONE);
    }

    /** The spelling of an id. */
    Optional<String> token(int id) {
        return id < spellings.size() && !spellings.get(id).isEmpty()
                ? Optional.of(spellings.get(id))
                : Optional.empty();
    }

    /** By id; empty where no token has the id. */
    List<String> spellings() {
        return Collections.unmodifiableList(spellings);
    }
}
