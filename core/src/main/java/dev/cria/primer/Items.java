package dev.cria.primer;

import dev.cria.primer.Fact.Thing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Makes questions on a fact, in wordings that no lesson uses. An empty answer means that the fact doesn't suit. */
final class Items {
    private final Syllabus syllabus;
    private final Phrasebook phrasebook;
    private final Options options;

    Items(Syllabus syllabus, Phrasebook phrasebook) {
        this.syllabus = syllabus;
        this.phrasebook = phrasebook;
        this.options = new Options(syllabus);
    }

    /** Asks for the value: what kind of thing, which part, where. */
    Optional<Item> value(Fact fact, SplittableRandom random) {
        return wording(fact, "what", random).flatMap(question -> choices(fact, question, random));
    }

    /** A sentence to be ended with the value, or with the concept's name where the fact is what it means. */
    Optional<Item> stem(Fact fact, SplittableRandom random) {
        boolean asksForName = fact.value() instanceof Fact.Words || fact.value() instanceof Fact.Purpose;
        return wording(fact, "stem", random)
                .flatMap(stem -> asksForName ? named(fact, stem, random) : choices(fact, stem, random));
    }

    /** Asks for the concept: which of these is a bird, which word means this. */
    Optional<Item> subject(Fact fact, SplittableRandom random) {
        return wording(fact, "which", random).flatMap(question -> named(fact, question, random));
    }

    private Optional<Item> choices(Fact fact, String question, SplittableRandom random) {
        List<Fact> claims = valued(fact, random);
        List<String> choices = claims.stream()
                .map(claim -> Options.text(fact.relation(), claim.value()))
                .toList();
        return item(claims, "", question, choices, 4);
    }

    /** The fact, and three that are false since they have another value. */
    private List<Fact> valued(Fact fact, SplittableRandom random) {
        Stream<Fact> wrong = options.wrongValues(fact, 3, random).stream().map(fact::withValue);
        return Stream.concat(Stream.of(fact), wrong).toList();
    }

    private Optional<Item> named(Fact fact, String question, SplittableRandom random) {
        List<Fact> claims = subjected(fact, 3, random);
        return item(claims, "", question, claims.stream().map(Items::name).toList(), 4);
    }

    /** The fact, and as many as asked for that are false since they are about another concept. */
    private List<Fact> subjected(Fact fact, int count, SplittableRandom random) {
        Stream<Fact> wrong =
                options.wrongSubjects(fact, count, random).stream().map(other -> fact.withSubject(other.subject()));
        return Stream.concat(Stream.of(fact), wrong).toList();
    }

    /** Words are asked for as words, things as things. */
    private static String name(Fact fact) {
        return switch (fact.relation()) {
            case DEFINITION, MEANING, QUALITY, OPPOSITE, SYNONYM, WAY ->
                fact.subject().name().bare();
            case KIND, USE, PART, PLACE, SUBSTANCE -> fact.subject().name().indefinite();
        };
    }

    /** Two facts have to be put together: what one concept shares with another. */
    Optional<Item> shared(Fact fact, SplittableRandom random) {
        if (fact.relation() != Relation.KIND && fact.relation() != Relation.PLACE) {
            return Optional.empty();
        }
        List<Concept> alike = Voice.shuffled(syllabus.siblings(fact.subject()), random).stream()
                .filter(other -> syllabus.facts(other).stream()
                        .anyMatch(f -> f.split() == fact.split()
                                && f.relation() == fact.relation()
                                && f.value().equals(fact.value())))
                .toList();
        if (alike.isEmpty()) {
            return Optional.empty();
        }
        List<Fact> claims = new ArrayList<>(subjected(fact, 3, random));
        claims.set(0, fact.withSubject(alike.getFirst()));
        String question = fact.relation() == Relation.KIND
                ? "Which of these is most like " + fact.subject().name().indefinite() + " in kind?"
                : "Which of these is in the same larger place as "
                        + fact.subject().name().definite() + "?";
        List<String> choices = claims.stream()
                .map(claim -> claim.subject().name().indefinite())
                .toList();
        return item(claims, "", question, choices, 4);
    }

    /** A goal and two ways to it. */
    Optional<Item> solution(Fact fact, SplittableRandom random) {
        List<Fact> claims = isAboutName(fact)
                ? subjected(fact, 1, random)
                : Stream.concat(Stream.of(fact), options.falsified(fact, random).stream())
                        .toList();
        List<String> solutions = phrasebook.exam(fact, "solution");
        if (claims.size() < 2 || solutions.isEmpty()) {
            return Optional.empty();
        }
        int which = random.nextInt(solutions.size());
        List<String> choices = claims.stream()
                .map(claim -> phrasebook.exam(claim, "solution").get(which))
                .toList();
        List<String> goals = phrasebook.exam(fact, "goal");
        String goal = goals.size() == solutions.size() ? goals.get(which) : Phrasebook.pick(goals, random);
        return item(claims, "", goal, choices, 2);
    }

    private static boolean isAboutName(Fact fact) {
        return !(fact.value() instanceof Thing);
    }

    /** A passage and a question that is true or false as asked for; the choices are no and yes, the right one first. */
    Optional<Item> yesNo(Fact fact, Answer answer, SplittableRandom random) {
        Optional<Fact> asked = answer == Answer.YES ? Optional.of(fact) : options.falsified(fact, random);
        List<String> choices = answer == Answer.YES ? List.of("yes", "no") : List.of("no", "yes");
        return asked.flatMap(claim -> wording(claim, "yes", random)
                .flatMap(question -> item(List.of(fact, claim), passage(fact, random), question, choices, 2)));
    }

    /** Whether a statement is true. */
    enum Answer {
        YES,
        NO
    }

    /** A short article on the concept: the fact itself, and up to three others of its kind of split. */
    private String passage(Fact fact, SplittableRandom random) {
        List<Fact> others = Voice.shuffled(syllabus.facts(fact.subject()), random).stream()
                .filter(other -> other.id() != fact.id() && other.split() == fact.split())
                .limit(3)
                .toList();
        List<String> sentences = new ArrayList<>();
        Voice voice = new Voice(phrasebook, random);
        others.forEach(other -> sentences.add(voice.tell(other)));
        sentences.add(random.nextInt(sentences.size() + 1), voice.tell(fact));
        return English.capital(fact.subject().name().bare()) + " -- " + String.join(" ", sentences);
    }

    /** A sentence with a gap, and two concepts of which one fits. */
    Optional<Item> gap(Fact fact, SplittableRandom random) {
        List<Fact> claims = subjected(fact, 1, random);
        if (claims.size() < 2) {
            return Optional.empty();
        }
        String right = fact.subject().name().definite();
        String other = claims.getLast().subject().name().definite();
        boolean first = random.nextBoolean();
        Map<String, String> pair = first ? Map.of("x", right, "y", other) : Map.of("x", other, "y", right);
        return wording(fact, "wino", random)
                .map(sentence -> English.sentence(Phrasebook.fill(sentence, pair)))
                .flatMap(sentence -> item(claims, "", sentence, List.of(right, other), 2));
    }

    /** A lesson's beginning and four ways to go on; those of its siblings are wrong. */
    Optional<Item> ending(Fact fact, SplittableRandom random) {
        List<String> endings = phrasebook.exam(fact, "ending");
        if (endings.isEmpty()) {
            return Optional.empty();
        }
        int which = random.nextInt(endings.size());
        List<Fact> claims = valued(fact, random);
        List<String> choices = claims.stream()
                .map(claim -> phrasebook.exam(claim, "ending").get(which))
                .toList();
        String context = Phrasebook.fill(Phrasebook.pick(beginnings(fact), random), fact);
        return item(claims, English.capital(context), "", choices, 4);
    }

    private static List<String> beginnings(Fact fact) {
        return switch (fact.relation()) {
            case MEANING, WAY ->
                List.of(
                        "A class acts out verbs on a small stage. Two pupils were asked to {n}, so they",
                        "The next card says {n}. Those who hold this card");
            case QUALITY ->
                List.of(
                        "The class collects adjectives and looks for things that they fit. What is called {n}",
                        "A pupil reads out an adjective from a list. Whatever is {n}");
            default ->
                List.of(
                        "A class makes a poster with words and pictures. In the middle of it {c}",
                        "The pupils turn the pages of a picture book. On one of the pages {c}",
                        "A guide leads a group through an exhibition. In the last room {c}");
        };
    }

    private Optional<String> wording(Fact fact, String name, SplittableRandom random) {
        List<String> wordings = phrasebook.exam(fact, name);
        return wordings.isEmpty() ? Optional.empty() : Optional.of(Phrasebook.pick(wordings, random));
    }

    /** @param claims the true one first */
    private static Optional<Item> item(
            List<Fact> claims, String context, String question, List<String> choices, int count) {
        boolean complete =
                choices.size() == count && choices.stream().distinct().count() == count;
        return complete ? Optional.of(new Item(context, question, choices, claims)) : Optional.empty();
    }
}
