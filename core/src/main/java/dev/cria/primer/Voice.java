package dev.cria.primer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Says the same facts again and again, and repeats a wording only when it has used all. */
final class Voice {
    private final Phrasebook phrasebook;
    private final SplittableRandom random;
    private final Map<Integer, List<String>> unused = new HashMap<>();

    Voice(Phrasebook phrasebook, SplittableRandom random) {
        this.phrasebook = phrasebook;
        this.random = random;
    }

    String tell(Fact fact) {
        List<String> left = unused.computeIfAbsent(fact.id(), _ -> new ArrayList<>());
        if (left.isEmpty()) {
            left.addAll(shuffled(phrasebook.tellings(fact)));
        }
        return English.sentence(Phrasebook.fill(left.removeLast(), fact));
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
