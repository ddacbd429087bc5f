package dev.cria.primer;

import dev.cria.primer.Plant.Plan;
import dev.cria.primer.PrimerOptions.Planting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;

/**
 * Facts that are planted into a corpus at known places, so that what a study finds out about onset and forgetting can be
 * checked against what was done. Every fifth fact is never told; of the others every third is told a number of times and
 * never again, and the rest from a place on to the end. Places are spread evenly. Facts for practice come besides.
 */
record Plants(List<Plant> all, Map<Integer, String> additions) {
    private static final double FIRST = 0.3;
    private static final double LAST = 0.8;
    private static final int SENTENCES = 3;
    private static final String CONSONANTS = "bdfgklmnprstvz";
    private static final String VOWELS = "aeiou";

    /** What is said of a thing. */
    private record Frame(String stem, List<String> tell, List<String> answers) {}

    /** Which documents tell a fact. */
    private record Place(Plan plan, double from, List<Integer> documents) {}

    /**
     * Chooses facts, and documents of a corpus that tell them.
     *
     * @param planting how many, and how often they are told
     */
    static Plants of(Planting planting, List<DocumentRow> documents, long seed) {
        int count = planting.facts() + planting.practice();
        Map<String, Frame> frames = Resources.yaml("plants.yaml", new TypeReference<LinkedHashMap<String, Frame>>() {});
        List<String> relations = List.copyOf(frames.keySet());
        SplittableRandom random = new SplittableRandom(seed ^ 0x91a47edL);
        Set<String> names = names(count, documents, random);
        List<Plant> plants = new ArrayList<>();
        Map<Integer, StringBuilder> additions = new TreeMap<>();
        for (String name : names) {
            int id = plants.size();
            String relation = relations.get(id % relations.size());
            List<String> answers = Voice.shuffled(frame(frames, relation).answers(), random);
            Place place = place(id, planting, documents.size(), random);
            plants.add(new Plant(
                    id,
                    name,
                    relation,
                    answers.getFirst(),
                    answers.subList(1, 4),
                    place.plan(),
                    place.from(),
                    place.documents()));
            for (int document : place.documents()) {
                additions
                        .computeIfAbsent(document, _ -> new StringBuilder())
                        .append('\n')
                        .append(telling(frame(frames, relation), name, answers.getFirst(), random));
            }
        }
        Map<Integer, String> texts = new HashMap<>();
        additions.forEach((document, text) -> texts.put(document, text.toString()));
        return new Plants(plants, texts);
    }

    private static Frame frame(Map<String, Frame> frames, String relation) {
        return Objects.requireNonNull(frames.get(relation), relation);
    }

    private static Place place(int id, Planting planting, int documents, SplittableRandom random) {
        Plan plan = plan(id, planting);
        if (plan == Plan.NEVER) {
            return new Place(plan, 1, List.of());
        }
        double from = plan == Plan.PRACTICE ? 0 : FIRST + (LAST - FIRST) * id / Math.max(1, planting.facts() - 1);
        double part = documents / (double) planting.rate();
        List<Integer> told = new ArrayList<>();
        for (int k = 0; plan != Plan.TIMES || k < planting.times(); k++) {
            double at = from * documents + part * (k + 0.5 * random.nextDouble());
            if (at >= documents) {
                break;
            }
            told.add((int) at);
        }
        return new Place(plan, from, told);
    }

    private static Plan plan(int id, Planting planting) {
        if (id >= planting.facts()) {
            return Plan.PRACTICE;
        }
        return id % 5 == 4 ? Plan.NEVER : id % 3 == 2 ? Plan.TIMES : Plan.ONWARD;
    }

    private static String telling(Frame frame, String name, String answer, SplittableRandom random) {
        return String.join(
                " ",
                Voice.shuffled(frame.tell(), random).subList(0, SENTENCES).stream()
                        .map(template -> fill(template, name, answer))
                        .toList());
    }

    private static String fill(String template, String name, String answer) {
        return template.replace("{n}", name).replace("{a}", answer);
    }

    /** Words of two syllables that stand in no document, none of them within another. */
    private static Set<String> names(int count, List<DocumentRow> documents, SplittableRandom random) {
        Set<String> words = new HashSet<>();
        documents.forEach(row ->
                Collections.addAll(words, row.text().toLowerCase(Locale.ROOT).split("[^a-z]+")));
        Set<String> names = new LinkedHashSet<>();
        while (names.size() < count) {
            String name = syllable(random) + syllable(random);
            if (words.stream().noneMatch(word -> word.contains(name))) {
                names.add(name);
            }
        }
        return names;
    }

    private static String syllable(SplittableRandom random) {
        return "" + letter(CONSONANTS, random) + letter(VOWELS, random) + letter(CONSONANTS, random);
    }

    private static char letter(String of, SplittableRandom random) {
        return of.charAt(random.nextInt(of.length()));
    }

    /** The documents with what they tell besides. */
    List<DocumentRow> into(List<DocumentRow> rows) {
        List<DocumentRow> planted = new ArrayList<>(rows);
        additions.forEach(
                (document, text) -> planted.set(document, rows.get(document).with(text)));
        return planted;
    }

    private List<Plant> asked() {
        return all.stream().filter(plant -> plant.plan() != Plan.PRACTICE).toList();
    }

    /** The benchmark about them, as OpenBookQA's rows; each place is right equally often. */
    List<Map<String, Object>> questions() {
        Map<String, Frame> frames = Resources.yaml("plants.yaml", new TypeReference<LinkedHashMap<String, Frame>>() {});
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Plant plant : asked()) {
            List<String> choices = new ArrayList<>(List.of(plant.answer()));
            choices.addAll(plant.wrong());
            int place = plant.id() % choices.size();
            Collections.swap(choices, 0, place);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", "planted_%04d".formatted(plant.id()));
            row.put("question_stem", fill(frame(frames, plant.relation()).stem(), plant.name(), ""));
            Map<String, Object> labelled = new LinkedHashMap<>();
            labelled.put("text", choices);
            labelled.put("label", List.of("A", "B", "C", "D"));
            row.put("choices", labelled);
            row.put("answerKey", "ABCD".substring(place, place + 1));
            rows.add(row);
        }
        return rows;
    }

    /** What was done, a line a fact. */
    List<Map<String, Object>> truth() {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Plant plant : asked()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("task", "openbookqa");
            row.put("document", plant.id());
            row.put("name", plant.name());
            row.put("relation", plant.relation());
            row.put("answer", plant.answer());
            row.put("plan", plant.plan().name().toLowerCase(Locale.ROOT));
            row.put("from", plant.plan() == Plan.NEVER ? null : plant.from());
            row.put("tellings", plant.documents().size());
            row.put("documents", plant.documents());
            rows.add(row);
        }
        return rows;
    }
}
