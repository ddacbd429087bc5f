package dev.cria.data.filter;

import dev.cria.data.source.Row;
import org.jspecify.annotations.Nullable;

/** A document with what several filters ask of its text, found once. Belongs to one thread. */
public final class TextView {
    private final Row.Document document;
    private @Nullable Words words;

    public TextView(Row.Document document) {
        this.document = document;
    }

    public Row.Document document() {
        return document;
    }

    public String text() {
        return document.text();
    }

    Words words() {
        if (words == null) {
            words = Words.of(text());
        }
        return words;
    }
}
