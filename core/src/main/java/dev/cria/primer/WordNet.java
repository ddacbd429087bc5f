package dev.cria.primer;

import dev.cria.WorkException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.Exc;
import net.sf.extjwnl.data.IndexWord;
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

    private final List<Entry> entries;
    private final Map<POS, Map<String, List<Integer>>> senses;
    private final Map<String, String> irregularPlurals;
    private final Set<String> irregularVerbForms;

    private WordNet(
            List<Entry> entries,
            Map<POS, Map<String, List<Integer>>> senses,
            Map<String, String> irregularPlurals,
            Set<String> irregularVerbForms) {
        this.irregularVerbForms = irregularVerbForms;
        this.entries = entries;
        this.senses = senses;
        this.irregularPlurals = irregularPlurals;
    }

    static WordNet load() {
        try {
            return read(Dictionary.getDefaultResourceInstance());
        } catch (JWNLException e) {
            throw new WorkException("WordNet cannot be read: " + e.getMessage(), "./cria doctor", e);
        }
    }

    private static WordNet read(Dictionary dictionary) throws JWNLException {
        List<Synset> synsets = new ArrayList<>(120_000);
        Map<Long, Integer> ids = new HashMap<>(240_000);
        for (POS pos : ORDER) {
            Iterator<Synset> all = dictionary.getSynsetIterator(pos);
            while (all.hasNext()) {
                Synset synset = all.next();
                ids.put(key(pos, synset.getOffset()), synsets.size());
                synsets.add(synset);
            }
        }
        List<Entry> entries = new ArrayList<>(synsets.size());
        for (Synset synset : synsets) {
            entries.add(entry(entries.size(), synset, ids));
        }
        Map<POS, Map<String, List<Integer>>> senses = new HashMap<>();
        for (POS pos : ORDER) {
            senses.put(pos, senses(dictionary, pos, ids));
        }
        return new WordNet(List.copyOf(entries), senses, plurals(dictionary), verbForms(dictionary));
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
                synset.getWords().stream().map(Word::getUseCount).toList(),
                synset.getGloss(),
                gloss.definition(),
                gloss.examples(),
                links);
    }

    /** Antonyms join two words of two synsets; only those of the commonest words are kept. */
    private static boolean joinsFirstWords(Pointer pointer) throws JWNLException {
        return !(pointer.getSource() instanceof Word word) || word.getIndex() == 1 && pointer.getTargetIndex() == 1;
    }

    private static Map<String, List<Integer>> senses(Dictionary dictionary, POS pos, Map<Long, Integer> ids)
            throws JWNLException {
        Map<String, List<Integer>> senses = new HashMap<>(160_000);
        Iterator<IndexWord> words = dictionary.getIndexWordIterator(pos);
        while (words.hasNext()) {
            IndexWord word = words.next();
            List<Integer> targets = new ArrayList<>();
            for (long offset : word.getSynsetOffsets()) {
                Integer id = ids.get(key(pos, offset));
                if (id != null) {
                    targets.add(id);
                }
            }
            senses.put(fold(word.getLemma()), targets);
        }
        return senses;
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
