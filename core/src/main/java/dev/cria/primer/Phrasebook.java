package dev.cria.primer;

import dev.cria.primer.Fact.Purpose;
import dev.cria.primer.Fact.Thing;
import dev.cria.primer.Fact.Words;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.type.TypeReference;

/** How facts are put into words: the templates of {@code phrases.yaml}, filled for a fact. */
final class Phrasebook {
    /** The wordings of one relation; {@code exam} stands in benchmarks alone. */
    record Phrases(
            List<String> tell, List<String> ask, List<String> yes, Map<String, List<String>> exam, List<String> task) {
        Phrases {
            yes = yes == null ? List.of() : yes;
        }
    }

    /** A question and its answer. */
    record Question(String question, String answer) {}

    private static final Pattern SLOT = Pattern.compile("\\{(\\w+)}");

    /** Some categories are called kinds or parts already. */
    private static final Pattern KIND_OF_KIND = Pattern.compile(
            "\\b(?:a kind|one type) of (kind|form|piece|part|unit|period|branch|group|member|field) of");

    private final Map<Relation, Phrases> phrases = new HashMap<>();

    Phrasebook() {
        Map<String, Phrases> read = Resources.yaml("phrases.yaml", new TypeReference<>() {});
        for (Relation relation : Relation.values()) {
            phrases.put(relation, Objects.requireNonNull(read.get(relation.key()), relation.key()));
        }
    }

    /** The templates of all sentences that say the fact, in the order of the file. */
    List<String> tellings(Fact fact) {
        return fitting(fact, phrases(fact).tell());
    }

    /** The templates of all quiz questions on the fact. */
    List<String> askings(Fact fact) {
        return fitting(fact, phrases(fact).ask());
    }

    Question question(Fact fact, String asking) {
        return split(fact, asking);
    }

    /** An instruction on the fact and its answer in a full sentence. */
    List<Question> instructions(Fact fact) {
        return fitting(fact, phrases(fact).task()).stream()
                .map(template -> split(fact, template))
                .map(q -> new Question(q.question(), English.sentence(q.answer())))
                .toList();
    }

    private Question split(Fact fact, String template) {
        String[] halves = template.split(" \\|\\| ");
        return new Question(English.capital(fill(halves[0], fact)), fill(halves[1], fact));
    }

    /** Yes-or-no questions that lessons ask, for this fact or a false one of the same form; may be empty. */
    List<String> yesNo(Fact fact) {
        return fitting(fact, phrases(fact).yes()).stream()
                .map(template -> English.capital(fill(template, fact)))
                .toList();
    }

    /** Wordings that stand in benchmarks alone; empty where the relation has none of that name. */
    List<String> exam(Fact fact, String name) {
        return fitting(fact, phrases(fact).exam().getOrDefault(name, List.of())).stream()
                .map(template -> fill(template, fact))
                .toList();
    }

    private Phrases phrases(Fact fact) {
        return Objects.requireNonNull(
                phrases.get(fact.relation()), fact.relation().key());
    }

    private static List<String> fitting(Fact fact, List<String> templates) {
        Name name = fact.subject().name();
        return templates.stream()
                .filter(template -> !template.startsWith("count|") || name.isCount())
                .filter(template -> !template.startsWith("common|") || !name.isProper())
                .filter(template -> !template.startsWith("proper|") || name.isProper())
                .map(template -> template.replaceFirst("^(count|common|proper)\\|", ""))
                .toList();
    }

    static <T> T pick(List<T> choices, SplittableRandom random) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Fills a template's slots from a fact; slots that a fact does not have stay. */
    static String fill(String template, Fact fact) {
        Map<String, String> slots = new HashMap<>();
        Name subject = fact.subject().name();
        addSubject(slots, subject);
        switch (fact.value()) {
            case Thing thing -> addObject(slots, thing.name(), subject);
            case Words words -> {
                slots.put("d", words.phrase());
                slots.put("dd", words.raw());
                slots.put("dq", words.predicate());
            }
            case Purpose purpose -> {
                slots.put("u", purpose.gerund());
                slots.put("ui", purpose.infinitive());
            }
        }
        return fill(template, slots);
    }

    /** Fills a template that speaks of a concept alone. */
    static String fill(String template, Name subject) {
        Map<String, String> slots = new HashMap<>();
        addSubject(slots, subject);
        return fill(template, slots);
    }

    static String fill(String template, Map<String, String> slots) {
        String filled = SLOT.matcher(template)
                .replaceAll(slot -> Matcher.quoteReplacement(slots.getOrDefault(slot.group(1), slot.group())));
        return KIND_OF_KIND.matcher(filled).replaceAll("a $1 of");
    }

    private static void addSubject(Map<String, String> slots, Name subject) {
        slots.put("c", subject.indefinite());
        slots.put("n", subject.bare());
        slots.put("the", subject.definite());
        slots.put("p", subject.generic());
        slots.put("are", subject.isCount() ? "are" : "is");
        slots.put("have", subject.isCount() ? "have" : "has");
        slots.put("w", "\"" + subject.bare() + "\"");
    }

    private static void addObject(Map<String, String> slots, Name object, Name subject) {
        slots.put("o", object.indefinite());
        slots.put("b", object.bare());
        slots.put("theo", object.definite());
        slots.put("os", object.generic());
        slots.put("po", object.agreeingWith(subject));
        slots.put("v", "\"" + object.bare() + "\"");
    }
}
