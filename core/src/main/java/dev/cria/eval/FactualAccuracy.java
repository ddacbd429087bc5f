package dev.cria.eval;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.eval.Convention.EncodedQuestion;
import dev.cria.eval.Question.Choice;
import dev.cria.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How much of what Primer is made of a model knows: for each fact (concept, relation, object) of {@code facts.jsonl}, is
 * the true object likelier for its length than three objects that the same relation has with other concepts? Asked of
 * facts that the documents state and of those held out; the difference is what was learned from stating them.
 */
public final class FactualAccuracy {
    private static final int CHOICES = 4;
    private static final long SEED = 1337;
    private static final String STATED = "stated";

    private FactualAccuracy() {}

    /** A relation between words; {@code split} says whether a document states it. */
    private record Fact(String concept, String relation, String object, String split) {}

    /**
     * Of one split. Guessing reaches one in four where options are alike; one that a document states of any concept is
     * likelier than one that none does.
     *
     * @param trueStated share of the true objects that some stated fact of the same relation has
     * @param wrongStated share of the wrong options that some stated fact of the same relation has
     */
    public record Known(Accuracy accuracy, int facts, double trueStated, double wrongStated) {}

    /**
     * @param facts the file {@code facts.jsonl}
     * @param most facts of a split to ask, drawn from a fixed seed; 0 for all
     * @return by split
     */
    public static Map<String, Known> of(Path facts, int most, Tokenizer tokenizer, Scorer scorer, Progress progress) {
        Map<String, List<Fact>> bySplit = BenchmarkRows.lines(facts).stream()
                .map(row -> new Fact(row.text("concept"), row.text("relation"), row.text("object"), row.text("split")))
                .collect(Collectors.groupingBy(Fact::split, LinkedHashMap::new, Collectors.toList()));
        Objects objects =
                new Objects(bySplit.values().stream().flatMap(List::stream).toList());
        Map<String, Known> known = new LinkedHashMap<>();
        bySplit.forEach((split, all) -> {
            Random random = new Random(SEED);
            List<Fact> drawn = drawn(all.stream().filter(objects::areEnoughFor).toList(), most, random);
            if (drawn.isEmpty()) {
                throw new RequestException(
                        facts + " has no relation with " + CHOICES + " objects in split " + split,
                        "use the facts.jsonl that Primer wrote");
            }
            known.put(split, asked(drawn, objects, random, tokenizer, scorer, progress));
        });
        return known;
    }

    private static List<Fact> drawn(List<Fact> facts, int most, Random random) {
        List<Fact> shuffled = new ArrayList<>(facts);
        Collections.shuffle(shuffled, random);
        return most == 0 ? shuffled : shuffled.subList(0, Math.min(most, shuffled.size()));
    }

    /** The objects of each relation, and those that are true of a concept. */
    private static final class Objects {
        private final Map<String, List<String>> ofRelation;
        private final Map<String, Set<String>> ofConcept;
        private final Map<String, Set<String>> stated;

        Objects(List<Fact> facts) {
            ofRelation = facts.stream()
                    .collect(Collectors.groupingBy(
                            Fact::relation,
                            Collectors.collectingAndThen(
                                    Collectors.mapping(Fact::object, Collectors.toCollection(TreeSet::new)),
                                    List::copyOf)));
            ofConcept = facts.stream()
                    .collect(
                            Collectors.groupingBy(Fact::concept, Collectors.mapping(Fact::object, Collectors.toSet())));
            stated = facts.stream()
                    .filter(fact -> fact.split().equals(STATED))
                    .collect(Collectors.groupingBy(
                            Fact::relation, Collectors.mapping(Fact::object, Collectors.toSet())));
        }

        boolean isStated(String relation, String object) {
            return stated.getOrDefault(relation, Set.of()).contains(object);
        }

        boolean areEnoughFor(Fact fact) {
            Set<String> known = ofConcept.getOrDefault(fact.concept(), Set.of());
            List<String> all = ofRelation.getOrDefault(fact.relation(), List.of());
            return all.size() - known.size() >= CHOICES - 1;
        }

        List<String> wrongFor(Fact fact, Random random) {
            List<String> all = ofRelation.getOrDefault(fact.relation(), List.of());
            Set<String> known = ofConcept.getOrDefault(fact.concept(), Set.of());
            List<String> wrong = new ArrayList<>();
            while (wrong.size() < CHOICES - 1) {
                String drawn = all.get(random.nextInt(all.size()));
                if (!known.contains(drawn) && !wrong.contains(drawn)) {
                    wrong.add(drawn);
                }
            }
            return wrong;
        }
    }

    private static Known asked(
            List<Fact> facts, Objects objects, Random random, Tokenizer tokenizer, Scorer scorer, Progress progress) {
        List<List<String>> wrong =
                facts.stream().map(fact -> objects.wrongFor(fact, random)).toList();
        List<EncodedQuestion> questions = IntStream.range(0, facts.size())
                .mapToObj(i -> question(facts.get(i), wrong.get(i)))
                .map(question -> Convention.HARNESS.encode(question, tokenizer))
                .toList();
        try (Progress.Task task = progress.begin("facts", "choices", (long) questions.size() * CHOICES)) {
            long right = Evaluation.score(questions, 0, scorer, task).stream()
                    .filter(DocumentScore::isRightByLength)
                    .count();
            return new Known(
                    Accuracy.of(right, questions.size()),
                    questions.size(),
                    share(
                            facts,
                            facts.stream().map(fact -> List.of(fact.object())).toList(),
                            objects),
                    share(facts, wrong, objects));
        }
    }

    /** Of the options of each fact, the share that is stated. */
    private static double share(List<Fact> facts, List<List<String>> options, Objects objects) {
        return IntStream.range(0, facts.size())
                .boxed()
                .flatMap(i -> options.get(i).stream()
                        .map(option -> objects.isStated(facts.get(i).relation(), option)))
                .mapToInt(stated -> stated ? 1 : 0)
                .average()
                .orElse(0);
    }

    private static Question question(Fact fact, List<String> wrong) {
        List<Choice> choices = new ArrayList<>();
        String context = sentence(fact);
        choices.add(new Choice(context, " " + fact.object(), PythonText.length(fact.object())));
        wrong.forEach(object -> choices.add(new Choice(context, " " + object, PythonText.length(object))));
        return new Question(choices, 0);
    }

    /** The plainest beginning of a sentence that the object ends. */
    private static String sentence(Fact fact) {
        String concept = fact.concept();
        return switch (fact.relation()) {
            case "kind" -> "A " + concept + " is a kind of";
            case "way" -> "To " + concept + " is one way to";
            case "meaning" -> "To " + concept + " is to";
            case "use" -> "A " + concept + " is used for";
            case "part" -> "A part of a " + concept + " is the";
            case "place" -> concept + " is in";
            case "substance" -> "A " + concept + " is made of";
            case "opposite" -> "The opposite of \"" + concept + "\" is";
            case "synonym" -> "Another word for \"" + concept + "\" is";
            default -> "The word \"" + concept + "\" means";
        };
    }
}
