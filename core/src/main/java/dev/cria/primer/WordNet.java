package dev.cria.primer;

import dev.cria.WorkException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.Exc;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.Pointer;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.data.Word;
import net.sf.extjwnl.dictionary.Dictionary;

/**
 * WordNet 3.1 in memory: every synset as an {@link Entry}, the senses of each word in order of use, irregular plurals.
 * Reading all 117,791 synsets takes about a second.
 */
final class WordNet {
    private static final List<POS> ORDER = List.of(POS.NOUN, POS.VERB, POS.ADJECTIVE, POS.ADVERB);

    private final List<Synset> synsets;
    private final List<Entry> entries;
    private final Map<POS, Map<String, List<Integer>>> senses;
    private final Map<String, String> irregularPlurals;
    private final Set<String> irregularVerbForms;

    private WordNet(
            List<Synset> synsets,
            List<Entry> entries,
            Map<POS, Map<String, List<Integer>>> senses,
            Map<String, String> irregularPlurals,
            Set<String> irregularVerbForms) {
        this.irregularVerbForms = irregularVerbForms;
        this.synsets = synsets;
        this.entries = entries;
        this.senses = senses;
        this.irregularPlurals = irregularPlurals;
    }

    /** The senses are read beside the synsets, with a reader of their own. */
    static WordNet load() {
        try {
            var index = CompletableFuture.supplyAsync(WordNet::index);
            Dictionary dictionary = Dictionary.getDefaultResourceInstance();
            List<Synset> synsets = new ArrayList<>(120_000);
            Map<Long, Integer> ids = new HashMap<>(240_000);
            for (POS pos : ORDER) {
                dictionary.getSynsetIterator(pos).forEachRemaining(synset -> {
                    ids.put(key(pos, synset.getOffset()), synsets.size());
                    synsets.add(synset);
                });
            }
            List<Entry> entries = new ArrayList<>(synsets.size());
            for (Synset synset : synsets) {
                entries.add(entry(entries.size(), synset, ids));
            }
            return new WordNet(
                    synsets,
                    List.copyOf(entries),
                    senses(index.join(), ids),
                    plurals(dictionary),
                    verbForms(dictionary));
        } catch (JWNLException | CompletionException e) {
            throw new WorkException("WordNet cannot be read: " + e.getMessage(), "./cria doctor", e);
        }
    }

    /** For each part of speech, the words and the offsets of their synsets, commonest first. */
    private static Map<POS, Map<String, long[]>> index() {
        try {
            Dictionary dictionary = Dictionary.getDefaultResourceInstance();
            Map<POS, Map<String, long[]>> index = new HashMap<>();
            for (POS pos : ORDER) {
                Map<String, long[]> words = new HashMap<>(160_000);
                dictionary
                        .getIndexWordIterator(pos)
                        .forEachRemaining(word -> words.put(fold(word.getLemma()), word.getSynsetOffsets()));
                index.put(pos, words);
            }
            return index;
        } catch (JWNLException e) {
            throw new CompletionException(e);
        }
    }

    private static Map<POS, Map<String, List<Integer>>> senses(
            Map<POS, Map<String, long[]>> index, Map<Long, Integer> ids) {
        Map<POS, Map<String, List<Integer>>> senses = new HashMap<>();
        index.forEach((pos, words) -> {
            Map<String, List<Integer>> of = new HashMap<>(words.size() * 2);
            words.forEach((word, offsets) -> of.put(
                    word,
                    Arrays.stream(offsets)
                            .mapToObj(offset -> ids.get(key(pos, offset)))
                            .filter(Objects::nonNull)
                            .toList()));
            senses.put(pos, of);
        });
        return senses;
    }

    private static long key(POS pos, long offset) {
        return offset * 8 + ORDER.indexOf(pos);
    }

    private static Entry entry(int id, Synset synset, Map<Long, Integer> ids) throws JWNLException {
        Map<Link, List<Integer>> links = new EnumMap<>(Link.class);
        for (Pointer pointer : synset.getPointers()) {
            Integer target = ids.get(key(pointer.getTargetPOS(), pointer.getTargetOffset()));
            Link link = Link.of(pointer.getType()).orElse(null);
            if (target != null && link != null && joinsFirstWords(pointer)) {
                links.computeIfAbsent(link, _ -> new ArrayList<>()).add(target);
            }
        }
        List<String> lemmas = synset.getWords().stream()
                .map(Word::getLemma)
                .map(lemma -> lemma.replace('_', ' ').replaceAll("\\([a-z]+\\)$", ""))
                .toList();
        Gloss gloss = Gloss.of(synset.getGloss());
        return new Entry(
                id,
                synset.getPOS(),
                synset.getOffset(),
                synset.getLexFileName(),
                lemmas,
                synset.getGloss(),
                gloss.definition(),
                gloss.examples(),
                links);
    }

    /** Antonyms join two words of two synsets; only those of the commonest words are kept. */
    private static boolean joinsFirstWords(Pointer pointer) throws JWNLException {
        return !(pointer.getSource() instanceof Word word) || word.getIndex() == 1 && pointer.getTargetIndex() == 1;
    }

    private static Map<String, String> plurals(Dictionary dictionary) throws JWNLException {
        Map<String, String> plurals = new LinkedHashMap<>();
        Iterator<Exc> exceptions = dictionary.getExceptionIterator(POS.NOUN);
        while (exceptions.hasNext()) {
            Exc exception = exceptions.next();
            for (String singular : exception.getExceptions()) {
                plurals.putIfAbsent(
                        singular.replace('_', ' '), exception.getLemma().replace('_', ' '));
            }
        }
        return plurals;
    }

    private static Set<String> verbForms(Dictionary dictionary) throws JWNLException {
        Set<String> forms = new HashSet<>();
        dictionary.getExceptionIterator(POS.VERB).forEachRemaining(exception -> forms.add(exception.getLemma()));
        return forms;
    }

    private static String fold(String lemma) {
        return lemma.replace('_', ' ').toLowerCase(Locale.ROOT);
    }

    List<Entry> entries() {
        return entries;
    }

    Entry entry(int id) {
        return entries.get(id);
    }

    List<Entry> targets(Entry entry, Link link) {
        return entry.links(link).stream().map(entries::get).toList();
    }

    Map<String, String> irregularPlurals() {
        return irregularPlurals;
    }

    /** Whether a word is a verb's form such as {@code found} or {@code felt}. */
    boolean isIrregularVerbForm(String word) {
        return irregularVerbForms.contains(word);
    }

    /** The meanings of a word, commonest first. */
    List<Entry> senses(POS pos, String lemma) {
        return senses.getOrDefault(pos, Map.of()).getOrDefault(fold(lemma), List.of()).stream()
                .map(entries::get)
                .toList();
    }

    /** How often tagged texts use a word for this meaning. */
    int uses(Entry entry, String lemma) {
        return synsets.get(entry.id()).getWords().stream()
                .filter(word -> fold(word.getLemma()).equals(fold(lemma)))
                .mapToInt(Word::getUseCount)
                .sum();
    }

    /** Whether a word means this first of all. */
    boolean isFirstSense(Entry entry, String lemma) {
        List<Entry> all = senses(entry.pos(), lemma);
        return !all.isEmpty() && all.getFirst().equals(entry);
    }

    /** Everything that an entry is a kind of, itself included. */
    Set<Entry> ancestors(Entry entry) {
        return ancestors(List.of(entry));
    }

    Set<Entry> ancestors(Collection<Entry> from) {
        Set<Entry> seen = new HashSet<>();
        List<Entry> open = new ArrayList<>(from);
        while (!open.isEmpty()) {
            Entry next = open.removeLast();
            if (seen.add(next)) {
                open.addAll(targets(next, Link.HYPERNYM));
                open.addAll(targets(next, Link.INSTANCE_OF));
            }
        }
        return seen;
    }
}
