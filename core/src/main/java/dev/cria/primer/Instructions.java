package dev.cria.primer;

import dev.cria.primer.Fact.Thing;
import dev.cria.primer.Phrasebook.Question;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Rows in alpaca-cleaned's schema on facts that lessons state: full sentences, and short answers where the instruction
 * asks for them. A tenth of the facts is asked about in the held-out rows alone, with every answer that WordNet allows.
 */
final class Instructions {
    private static final List<String> SHORT = List.of(
            "Answer in as few words as you can. ", "In a word or two: ", "Give a short answer. ", "Answer briefly. ");
    private static final double HELD_OUT = 0.1;

    private final List<Map<String, Object>> rows = new ArrayList<>();
    private final List<Map<String, Object>> heldOut = new ArrayList<>();

    private Instructions() {}

    static Instructions on(List<Fact> facts, Phrasebook phrasebook, long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ 0x1457L);
        Instructions made = new Instructions();
        Map<String, Boolean> held = new HashMap<>();
        for (Fact fact : Voice.shuffled(facts, random)) {
            String asked = fact.subject().id() + " " + fact.relation();
            if (held.computeIfAbsent(asked, _ -> random.nextDouble() < HELD_OUT)) {
                made.addHeldOut(fact, facts, phrasebook, random);
            } else {
                made.add(fact, phrasebook, random);
            }
        }
        return made;
    }

    private void add(Fact fact, Phrasebook phrasebook, SplittableRandom random) {
        for (Question question : Voice.shuffled(phrasebook.instructions(fact), random).stream()
                .limit(2)
                .toList()) {
            rows.add(row(question.question(), "", question.answer()));
        }
        if (random.nextDouble() < 0.3) {
            Question question = phrasebook.question(fact, Phrasebook.pick(phrasebook.askings(fact), random));
            rows.add(row(Phrasebook.pick(SHORT, random) + question.question(), "", question.answer()));
        } else if (random.nextDouble() < 0.15 && fact.relation() == Relation.KIND) {
            rows.add(row(
                    "Say in one sentence what kind of thing this is.",
                    fact.subject().name().bare(),
                    phrasebook.instructions(fact).getFirst().answer()));
        }
    }

    private void addHeldOut(Fact fact, List<Fact> facts, Phrasebook phrasebook, SplittableRandom random) {
        if (!(fact.value() instanceof Thing)) {
            return;
        }
        String ask = Phrasebook.fill(
                switch (fact.relation()) {
                    case KIND -> "What kind of thing is {c}?";
                    case PART -> "What is one part of {c}?";
                    case PLACE -> "Where is {the}?";
                    case SUBSTANCE -> "What does {c} contain?";
                    case OPPOSITE -> "What is the opposite of {w}?";
                    case SYNONYM -> "What is another word for {w}?";
                    default -> "To {n} is one way to do what?";
                },
                fact);
        Map<String, Object> row =
                row(Phrasebook.pick(SHORT, random) + ask, "", Options.text(fact.relation(), fact.value()));
        row.put(
                "answers",
                facts.stream()
                        .filter(f -> f.subject().equals(fact.subject()) && f.relation() == fact.relation())
                        .map(f -> f.value().text())
                        .distinct()
                        .toList());
        heldOut.add(row);
    }

    private static Map<String, Object> row(String instruction, String input, String output) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("instruction", instruction);
        row.put("input", input);
        row.put("output", output);
        return row;
    }

    List<Map<String, Object>> rows() {
        return rows;
    }

    List<Map<String, Object>> heldOut() {
        return heldOut;
    }
}
