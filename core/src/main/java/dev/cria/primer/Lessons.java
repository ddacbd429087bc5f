package dev.cria.primer;

import dev.cria.primer.Lesson.Form;
import dev.cria.primer.Phrasebook.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Writes the lessons on one concept, each in another form and other words. */
final class Lessons {
    /** In characters; FineWeb's filters ask for 50 words. */
    private static final int MIN_LENGTH = 420;

    private static final List<Form> ROUND = List.of(
            Form.PORTRAIT,
            Form.QUIZ,
            Form.TALK,
            Form.CHECK,
            Form.PORTRAIT,
            Form.COMPARISON,
            Form.QUIZ,
            Form.RIDDLE,
            Form.PORTRAIT,
            Form.CHECK,
            Form.HOWTO,
            Form.TALK);

    private final Syllabus syllabus;
    private final Phrasebook phrasebook;
    private final Frames frames;
    private final Options options;
    private final Concept concept;
    private final List<Fact> facts;
    private final Voice voice;

    /** @param random decides every word; a concept's own, so that lessons can be written in any order */
    Lessons(Syllabus syllabus, Phrasebook phrasebook, Frames frames, Concept concept, SplittableRandom random) {
        this.syllabus = syllabus;
        this.phrasebook = phrasebook;
        this.frames = frames;
        this.options = new Options(syllabus);
        this.concept = concept;
        this.facts = syllabus.stated(concept);
        this.voice = new Voice(phrasebook, random);
    }

    /** As many lessons as asked for, none where nothing may be said. */
    List<Lesson> write(int count) {
        List<Lesson> lessons = new ArrayList<>();
        for (int i = 0; i < count && !facts.isEmpty(); i++) {
            Form form = ROUND.get(i % ROUND.size());
            Draft draft = new Draft(syllabus.heldOut());
            voice.begin();
            switch (form) {
                case PORTRAIT -> portrait(draft);
                case QUIZ -> quiz(draft);
                case TALK -> talk(draft);
                case CHECK -> check(draft);
                case COMPARISON -> comparison(draft);
                case RIDDLE -> riddle(draft);
                case HOWTO, LIST -> howto(draft);
            }
            fillUp(draft);
            lessons.add(draft.finish(concept, form));
        }
        return lessons;
    }

    /** Goes on with related words until the lesson is long enough to be kept by the usual filters. */
    private void fillUp(Draft draft) {
        List<Concept> kin = new ArrayList<>(voice.shuffled(syllabus.siblings(concept)));
        List<Concept> cousins = voice.shuffled(syllabus.cousins(concept));
        kin.addAll(voice.chance(0.7) ? kin.size() : 0, cousins);
        kin.add(voice.pick(syllabus.common()));
        int length = MIN_LENGTH + voice.random().nextInt(MIN_LENGTH / 2);
        if (draft.length() < length && voice.chance(0.6)) {
            draft.paragraph();
            voice.shuffled(facts).forEach(fact -> draft.say(voice.tell(fact), fact));
        }
        if (draft.length() < length) {
            draft.paragraph();
            draft.say(voice.pick(frames.more()));
        }
        for (Concept other : kin) {
            if (draft.length() >= length) {
                return;
            }
            voice.shuffled(syllabus.stated(other)).stream().limit(3).forEach(fact -> draft.say(voice.tell(fact), fact));
        }
    }

    private void portrait(Draft draft) {
        open(draft);
        int said = 0;
        for (Fact fact : meaningFirst()) {
            if (said > 0 && said % 3 == 0) {
                draft.paragraph();
            } else if (said > 1 && voice.chance(0.15)) {
                draft.say(voice.pick(frames.joints()));
            }
            draft.say(voice.tell(fact), fact);
            if (fact.relation() == Relation.KIND && voice.chance(0.5)) {
                contrast(draft, fact);
            }
            said++;
        }
        draft.paragraph();
        firstKind(concept).ifPresent(kind -> draft.say(voice.tell(kind), kind));
        example(draft);
        others(draft);
        if (voice.chance(0.25)) {
            draft.say(voice.pick(frames.closings()));
        }
    }

    private void open(Draft draft) {
        List<String> openings = concept.entry().isNoun() ? frames.openings() : frames.wordOpenings();
        draft.say(Draft.fill(voice.pick(openings), concept.name(), Map.of()));
    }

    private List<Fact> meaningFirst() {
        List<Fact> mixed = voice.shuffled(facts);
        List<Fact> ordered = new ArrayList<>(
                mixed.stream().filter(f -> f.relation().isMeaning()).toList());
        ordered.addAll(mixed.stream().filter(f -> !f.relation().isMeaning()).toList());
        return voice.chance(0.75) ? ordered : mixed;
    }

    private void contrast(Draft draft, Fact kind) {
        options.wrongValues(kind, 1, voice.random()).stream().findFirst().ifPresent(wrong -> {
            String template = Phrasebook.fill(voice.pick(frames.contrasts()), kind);
            draft.say(English.sentence(Phrasebook.fill(template, Map.of("z", Options.text(kind.relation(), wrong)))));
        });
    }

    private void example(Draft draft) {
        String stem = concept.name()
                .bare()
                .substring(0, Math.min(4, concept.name().bare().length()));
        List<String> examples = concept.entry().examples().stream()
                .filter(example -> example.contains(stem))
                .toList();
        if (!examples.isEmpty() && voice.chance(0.6)) {
            String example = voice.pick(examples);
            if (example.matches("[A-Za-z][A-Za-z ,'-]+[A-Za-z]")) {
                draft.say(voice.pick(frames.examples()).replace("{e}", English.sentence(example)));
            }
        }
    }

    private void others(Draft draft) {
        Optional<Fact> kind = firstKind(concept);
        List<Fact> kin = voice.shuffled(syllabus.siblings(concept)).stream()
                .flatMap(sibling -> firstKind(sibling).stream())
                .limit(3)
                .toList();
        if (kind.isPresent() && kin.size() > 1 && voice.chance(0.5)) {
            String names = English.list(
                    kin.stream().map(f -> f.subject().name().definite()).toList());
            String template = Phrasebook.fill(voice.pick(frames.others()), kind.get());
            draft.say(English.sentence(Phrasebook.fill(template, Map.of("list", names))), kin.toArray(Fact[]::new));
        }
    }

    /** The fact that a concept belongs to its category, where lessons may say so. */
    private Optional<Fact> firstKind(Concept of) {
        return syllabus.stated(of).stream()
                .filter(fact -> fact.relation() == Relation.KIND)
                .findFirst();
    }

    private void quiz(Draft draft) {
        draft.say(voice.pick(frames.quizzes()));
        List<Fact> asked = new ArrayList<>(facts);
        voice.shuffled(syllabus.siblings(concept)).stream()
                .limit(2)
                .forEach(sibling -> asked.addAll(voice.shuffled(syllabus.stated(sibling)).stream()
                        .limit(2)
                        .toList()));
        for (Fact fact : voice.shuffled(asked)) {
            Question question = voice.ask(fact);
            draft.line("Question: " + question.question() + "\nAnswer: " + answer(question.answer(), fact), fact);
        }
        if (asked.size() < 4) {
            facts.forEach(fact -> draft.line(voice.tell(fact), fact));
        }
    }

    /** One word alone would be a line that filters drop, so something is said after it. */
    private String answer(String answer, Fact fact) {
        if (answer.indexOf(' ') > 0) {
            return answer.endsWith(".") ? answer : answer + ".";
        }
        return voice.pick(frames.tails()).replace("{a}", answer).replace("{t}", shortTelling(fact));
    }

    private String shortTelling(Fact fact) {
        return fact.value() instanceof Fact.Thing ? voice.tell(fact) : "This is what it is called.";
    }

    private void check(Draft draft) {
        if (voice.chance(0.4)) {
            draft.say(voice.pick(frames.checks()));
            draft.paragraph();
        }
        voice.shuffled(facts).forEach(fact -> draft.say(voice.tell(fact), fact));
        for (Fact fact : voice.shuffled(facts)) {
            yesNo(draft, fact);
        }
    }

    private void yesNo(Draft draft, Fact fact) {
        boolean yes = voice.chance(0.5);
        Optional<Fact> asked = yes ? Optional.of(fact) : options.falsified(fact, voice.random());
        asked.map(phrasebook::yesNo).filter(questions -> !questions.isEmpty()).ifPresent(questions -> {
            String question = voice.pick(questions);
            if (voice.chance(0.5)) {
                question = Character.toLowerCase(question.charAt(0)) + question.substring(1);
            }
            String answer = (yes ? "yes. " : "no. ") + voice.tell(fact);
            draft.line("Question: " + question + "\nAnswer: " + answer, fact);
        });
    }

    private void talk(Draft draft) {
        String asks = voice.pick(frames.people());
        String knows =
                voice.pick(frames.people().stream().filter(p -> !p.equals(asks)).toList());
        Map<String, String> names = Map.of("P", asks, "Q", knows);
        draft.say(English.sentence(Phrasebook.fill(voice.pick(frames.talk().scenes()), names)));
        for (Fact fact : meaningFirst()) {
            Question question = voice.ask(fact);
            String answer = voice.chance(0.5) ? voice.tell(fact) : English.sentence(question.answer());
            String ask = voice.pick(frames.talk().ask()).replace("{q}", spoken(question.question()));
            String reply = answered(voice.pick(frames.talk().answer()), spoken(answer));
            draft.line(English.capital(Phrasebook.fill(ask, names)));
            draft.line(English.capital(Phrasebook.fill(reply, names)), fact);
        }
    }

    /** A full stop becomes a comma where the speaker is named behind it. */
    private static String answered(String template, String answer) {
        boolean goesOn = template.matches(".*\\{a}\" (said|answered).*");
        String words = goesOn && answer.endsWith(".") ? answer.substring(0, answer.length() - 1) + "," : answer;
        return template.replace("{a}", words);
    }

    /** Inside quotation marks, double ones become single. */
    private static String spoken(String sentence) {
        return sentence.replace('"', '\'');
    }

    private void comparison(Draft draft) {
        List<Concept> near = voice.chance(0.5) ? syllabus.siblings(concept) : syllabus.cousins(concept);
        List<Concept> known = voice.shuffled(near).stream()
                .filter(other -> !syllabus.stated(other).isEmpty())
                .limit(1)
                .toList();
        if (known.isEmpty()) {
            portrait(draft);
            return;
        }
        Concept other = known.getFirst();
        compare(draft, other);
        draft.paragraph();
        voice.shuffled(facts).forEach(fact -> draft.say(voice.tell(fact), fact));
        draft.paragraph();
        voice.shuffled(syllabus.stated(other)).stream().limit(4).forEach(fact -> draft.say(voice.tell(fact), fact));
        compare(draft, other);
    }

    private void compare(Draft draft, Concept other) {
        Optional<Fact> kind = firstKind(concept);
        Optional<Fact> otherKind = firstKind(other);
        if (kind.isEmpty() || otherKind.isEmpty()) {
            return;
        }
        boolean same = kind.get().value().equals(otherKind.get().value());
        Fact.Thing thing = (Fact.Thing) otherKind.get().value();
        Map<String, String> slots = Map.of(
                "x", concept.name().definite(),
                "y", other.name().definite(),
                "z", thing.name().indefinite(),
                "zs", thing.name().generic());
        String template = Phrasebook.fill(voice.pick(same ? frames.pairs() : frames.differences()), kind.get());
        draft.say(English.sentence(Phrasebook.fill(template, slots)), kind.get(), otherKind.get());
    }

    private void riddle(Draft draft) {
        draft.say(voice.pick(frames.riddles()));
        for (Fact fact : voice.shuffled(facts)) {
            String hint = voice.pick(frames.hints(fact.relation()));
            draft.say(English.sentence(Phrasebook.fill(hint, fact)), fact);
        }
        draft.say(Draft.fill(voice.pick(frames.answers()), concept.name(), Map.of()));
        draft.paragraph();
        meaningFirst().stream().limit(3).forEach(fact -> draft.say(voice.tell(fact), fact));
    }

    /** What a thing is for, or a list of its kin where it is for nothing. */
    private void howto(Draft draft) {
        Optional<Fact> use =
                facts.stream().filter(f -> f.relation() == Relation.USE).findFirst();
        if (use.isPresent()) {
            draft.say(English.sentence(Phrasebook.fill(voice.pick(frames.howto()), use.get())));
            draft.say(voice.tell(use.get()), use.get());
            draft.say(voice.tell(use.get()), use.get());
        } else {
            kin(draft);
        }
        draft.paragraph();
        meaningFirst().forEach(fact -> draft.say(voice.tell(fact), fact));
    }

    private void kin(Draft draft) {
        firstKind(concept)
                .ifPresent(kind -> draft.say(
                        Draft.fill(Phrasebook.fill(voice.pick(frames.lists()), kind), concept.name(), Map.of())));
        voice.shuffled(syllabus.siblings(concept)).stream().limit(4).forEach(sibling -> {
            List<Fact> told = syllabus.stated(sibling);
            if (!told.isEmpty()) {
                Fact fact = voice.pick(told);
                draft.line(voice.tell(fact), fact);
            }
        });
    }
}
