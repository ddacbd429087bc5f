package dev.cria.primer;

import dev.cria.eval.Benchmark;
import dev.cria.primer.Items.Answer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The seven benchmarks in the schemas of the real ones. The place of the right choice takes turns, so each place is
 * right equally often; BoolQ has as many true as false questions.
 */
final class Exam {
    /** The benchmarks that Primer writes questions of. */
    enum Task {
        HELLASWAG,
        ARC_EASY,
        ARC_CHALLENGE,
        OPENBOOKQA,
        PIQA,
        BOOLQ,
        WINOGRANDE;

        private final Benchmark benchmark = Benchmark.valueOf(name());

        String key() {
            return benchmark.id();
        }

        int choices() {
            return benchmark.choices();
        }
    }

    /** Questions on one fact in one task at most, so that a few well-known facts don't make up a benchmark. */
    private static final int PER_FACT = 3;

    private final Items items;
    private final int rows;
    private final long seed;

    Exam(Items items, int rows, long seed) {
        this.items = items;
        this.rows = rows;
        this.seed = seed;
    }

    /** The questions of all tasks on the facts given. */
    Map<Task, List<Item>> items(List<Fact> facts) {
        Map<Task, List<Item>> items = new EnumMap<>(Task.class);
        for (Task task : Task.values()) {
            items.put(task, items(task, facts));
        }
        return items;
    }

    /** The questions of a task on the facts given; fewer than asked for where there are too few facts. */
    List<Item> items(Task task, List<Fact> facts) {
        SplittableRandom random = new SplittableRandom(seed + task.ordinal());
        List<Item> chosen = new ArrayList<>();
        for (int round = 0; round < PER_FACT; round++) {
            for (Fact fact : Voice.shuffled(facts, random)) {
                if (chosen.size() < rows) {
                    item(task, fact, chosen.size(), random)
                            .filter(item -> chosen.stream().noneMatch(other -> same(other, item)))
                            .ifPresent(chosen::add);
                }
            }
        }
        return chosen;
    }

    /** The rows of a task's questions, each right choice at its place. */
    List<Map<String, Object>> rows(Task task, List<Item> chosen) {
        SplittableRandom random = new SplittableRandom(~seed + task.ordinal());
        List<Integer> places = places(chosen.size(), task.choices(), random);
        List<Map<String, Object>> result = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            result.add(row(task, chosen.get(i), i, places.get(i)));
        }
        return result;
    }

    private static boolean same(Item one, Item other) {
        return one.question().equals(other.question())
                && one.context().equals(other.context())
                && one.choices().getFirst().equals(other.choices().getFirst());
    }

    private Optional<Item> item(Task task, Fact fact, int turn, SplittableRandom random) {
        return switch (task) {
            case HELLASWAG -> items.ending(fact, random);
            case ARC_EASY ->
                random.nextBoolean() || fact.value() instanceof Fact.Words
                        ? items.subject(fact, random)
                        : items.value(fact, random);
            case ARC_CHALLENGE -> challenge(fact, random);
            case OPENBOOKQA -> items.stem(fact, random);
            case PIQA -> items.solution(fact, random);
            case BOOLQ -> items.yesNo(fact, turn % 2 == 0 ? Answer.YES : Answer.NO, random);
            case WINOGRANDE -> items.gap(fact, random);
        };
    }

    private Optional<Item> challenge(Fact fact, SplittableRandom random) {
        return switch (fact.relation()) {
            case KIND, PLACE -> items.shared(fact, random);
            case DEFINITION, MEANING, QUALITY -> items.value(fact, random);
            case SYNONYM, PART, SUBSTANCE, USE -> items.value(fact, random);
            case OPPOSITE, WAY -> Optional.empty();
        };
    }

    private static List<Integer> places(int count, int choices, SplittableRandom random) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            places.add(i % choices);
        }
        return Voice.shuffled(places, random);
    }

    private static Map<String, Object> row(Task task, Item item, int index, int place) {
        List<String> choices = new ArrayList<>(item.choices());
        Collections.swap(choices, 0, place);
        Map<String, Object> row = new LinkedHashMap<>();
        switch (task) {
            case HELLASWAG -> {
                row.put("ind", index);
                row.put("activity_label", "A day at school");
                row.put("ctx_a", item.context());
                row.put("ctx_b", "");
                row.put("ctx", item.context());
                row.put("endings", choices);
                row.put("label", String.valueOf(place));
                row.put("split", "val");
            }
            case ARC_EASY, ARC_CHALLENGE, OPENBOOKQA -> {
                row.put("id", String.format(Locale.ROOT, "primer_%s_%04d", task.key(), index));
                row.put(task == Task.OPENBOOKQA ? "question_stem" : "question", English.capital(item.question()));
                Map<String, Object> labelled = new LinkedHashMap<>();
                labelled.put("text", choices);
                labelled.put("label", List.of("A", "B", "C", "D"));
                row.put("choices", labelled);
                row.put("answerKey", "ABCD".substring(place, place + 1));
            }
            case PIQA -> {
                row.put("goal", English.capital(item.question()));
                row.put("sol1", English.capital(choices.getFirst()));
                row.put("sol2", English.capital(choices.getLast()));
                row.put("label", place);
            }
            case BOOLQ -> {
                row.put("idx", index);
                row.put("passage", item.context());
                row.put("question", item.question());
                row.put("label", item.choices().getFirst().equals("yes") ? 1 : 0);
            }
            case WINOGRANDE -> {
                row.put("sentence", item.question());
                row.put("option1", choices.getFirst());
                row.put("option2", choices.getLast());
                row.put("answer", String.valueOf(place + 1));
            }
        }
        return row;
    }
}
