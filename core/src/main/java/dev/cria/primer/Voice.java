package dev.cria.primer;

import dev.cria.primer.Phrasebook.Question;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Says the same facts again and again; a wording comes again only when all were used, and rarely in one lesson. */
final class Voice {
    private final Phrasebook phrasebook;
    private final SplittableRandom random;
    private final Map<Integer, List<String>> unused = new HashMap<>();
    private final Set<String> usedInLesson = new HashSet<>();

    Voice(Phrasebook phrasebook, SplittableRandom random) {
        this.phrasebook = phrasebook;
        this.random = random;
    }

    /** A new lesson begins: every wording is fresh again. */
    void begin() {
        usedInLesson.clear();
    }

    String tell(Fact fact) {
        List<String> left = unused.computeIfAbsent(fact.id(), _ -> new ArrayList<>());
        if (left.isEmpty()) {
            left.addAll(shuffled(phrasebook.tellings(fact)));
        }
        String template = fresh(left);
        left.remove(template);
        return English.sentence(Phrasebook.fill(template, fact));
    }

    /** A quiz question on the fact, as lessons ask it. */
    Question ask(Fact fact) {
        return phrasebook.question(fact, fresh(shuffled(phrasebook.askings(fact))));
    }

    /** The first template that the lesson has not used on any fact, else the first. */
    private String fresh(List<String> templates) {
        String chosen = templates.stream()
                .filter(template -> !usedInLesson.contains(template))
                .findFirst()
                .orElse(templates.getFirst());
        usedInLesson.add(chosen);
        return chosen;
    }

    <T> T pick(List<T> choices) {
        return Phrasebook.pick(choices, random);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    <T> List<T> shuffled(List<T> items) {
        return shuffled(items, random);
    }

    static <T> List<T> shuffled(List<T> items, SplittableRandom random) {
        List<T> mixed = new ArrayList<>(items);
        for (int i = mixed.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            T swap = mixed.get(i);
            mixed.set(i, mixed.get(j));
            mixed.set(j, swap);
        }
        return mixed;
    }

    SplittableRandom random() {
        return random;
    }
}
