package dev.cria.primer;

import java.util.Optional;

/**
 * A meaning that lessons are written on.
 *
 * @param category empty for verbs and adjectives, and for nouns of no known category
 * @param commonness greater for words that people know
 */
record Concept(int id, Entry entry, Name name, Optional<Category> category, double commonness) {

    String group() {
        return category.map(Category::group).orElse(entry.file());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Concept concept && concept.id == id;
    }

    @Override
    public int hashCode() {
        return id;
    }
}
