package dev.cria.primer;

import java.util.List;
import java.util.Map;
import net.sf.extjwnl.data.POS;

/**
 * One synset: a meaning, the words for it, and where its pointers lead.
 *
 * @param id position in WordNet's order, nouns first; equal on every machine
 * @param file lexicographer's file, such as {@code noun.animal}
 * @param lemmas words for the meaning, commonest first, spaces between the parts of a compound
 * @param gloss as it stands in WordNet
 * @param links targets by relation, as ids; those of words (antonyms) stand for the words' synsets
 */
record Entry(
        int id, POS pos, long offset, String file, List<String> lemmas, String gloss, Map<Link, List<Integer>> links) {

    Entry {
        lemmas = List.copyOf(lemmas);
    }

    String name() {
        return lemmas.getFirst();
    }

    /** The first definition of the gloss in plain words. */
    String definition() {
        return Gloss.of(gloss).definition();
    }

    /** Sentences or phrases that use one of the lemmas. */
    List<String> examples() {
        return Gloss.of(gloss).examples();
    }

    List<Integer> links(Link link) {
        return links.getOrDefault(link, List.of());
    }

    boolean isNoun() {
        return pos == POS.NOUN;
    }

    /** A thing with a name of its own, such as Paris. */
    boolean isInstance() {
        return links.containsKey(Link.INSTANCE_OF);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry entry && entry.id == id;
    }

    @Override
    public int hashCode() {
        return id;
    }

    @Override
    public String toString() {
        return name() + "#" + id;
    }
}
