package dev.cria.primer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sf.extjwnl.data.POS;
import tools.jackson.core.type.TypeReference;

/** The categories of {@code categories.yaml}, and which of them an entry belongs to. */
final class Categories {
    private record Group(int share, List<String> of) {}

    private final WordNet wordNet;
    private final Map<Entry, Category> byEntry = new LinkedHashMap<>();
    private final Map<String, Integer> shares = new LinkedHashMap<>();

    Categories(WordNet wordNet, Names names) {
        this.wordNet = wordNet;
        Map<String, Group> groups = Resources.yaml("categories.yaml", new TypeReference<>() {});
        groups.forEach((group, content) -> {
            shares.put(group, content.share());
            content.of().forEach(line -> add(group, line, names));
        });
    }

    private void add(String group, String line, Names names) {
        String[] sense = line.split("[#=]");
        Entry entry = wordNet.senses(POS.NOUN, sense[0]).get(Integer.parseInt(sense[1]) - 1);
        byEntry.put(entry, new Category(entry, names.counted(sense.length > 2 ? sense[2] : sense[0]), group));
    }

    /** How much of the nouns each group should make up. */
    Map<String, Integer> shares() {
        return shares;
    }

    List<Category> siblings(Category category) {
        return byEntry.values().stream()
                .filter(other -> other.group().equals(category.group()) && !other.equals(category))
                .toList();
    }

    /** The nearest category above an entry, itself left out. */
    Optional<Category> of(Entry entry) {
        Set<Entry> seen = new HashSet<>();
        List<Entry> level = List.of(entry);
        while (!level.isEmpty()) {
            List<Entry> next = new ArrayList<>();
            for (Entry below : level) {
                for (Link link : List.of(Link.HYPERNYM, Link.INSTANCE_OF)) {
                    wordNet.targets(below, link).stream().filter(seen::add).forEach(next::add);
                }
            }
            for (Entry above : next) {
                if (byEntry.containsKey(above)) {
                    return Optional.of(byEntry.get(above));
                }
            }
            level = next;
        }
        return Optional.empty();
    }
}
