package dev.cria.primer;

import java.util.Locale;

/** What a fact says of its concept. */
enum Relation {
    /** A noun's category or hypernym. */
    KIND,
    /** A noun's definition. */
    DEFINITION,
    /** A verb's definition. */
    MEANING,
    /** An adjective's definition. */
    QUALITY,
    /** What a thing is used for, read from its definition. */
    USE,
    PART,
    /** What larger place a place lies in. */
    PLACE,
    SUBSTANCE,
    OPPOSITE,
    SYNONYM,
    /** A verb's hypernym: to whisper is one way to speak. */
    WAY;

    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the fact is the meaning of its word, so that all of the word's meaning is held out with it. */
    boolean isMeaning() {
        return switch (this) {
            case KIND, DEFINITION, MEANING, QUALITY, USE, WAY -> true;
            case PART, PLACE, SUBSTANCE, OPPOSITE, SYNONYM -> false;
        };
    }
}
