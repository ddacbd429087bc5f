package dev.cria.eval;

import static dev.cria.eval.PythonText.capitalize;
import static dev.cria.eval.PythonText.strip;

import dev.cria.RequestException;
import dev.cria.eval.Question.Choice;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The seven benchmarks, each as lm-evaluation-harness v0.4 asks it zero-shot: how a row of its data set becomes a
 * {@link Question}.
 */
public enum Benchmark {
    /** Which of four endings follows (Zellers et al. 2019). */
    HELLASWAG("HellaSwag", 4, Metrics.ACC_AND_ACC_NORM, new Place("Rowan/hellaswag", "default", "validation")) {
        @Override
        Question question(Row row) {
            String query = row.text("activity_label") + ": " + row.text("ctx_a") + " " + capitalize(row.text("ctx_b"));
            List<String> endings =
                    row.texts("endings").stream().map(Benchmark::cleaned).toList();
            return Question.of(cleaned(query), endings, row.index("label", 0, endings.size()));
        }
    },

    /** Grade-school science questions that simple methods answer (Clark et al. 2018). */
    ARC_EASY("ARC-Easy", 4, Metrics.ACC_AND_ACC_NORM, new Place("allenai/ai2_arc", "ARC-Easy", "test")) {
        @Override
        Question question(Row row) {
            return arc(row);
        }
    },

    /** Those that they don't. */
    ARC_CHALLENGE("ARC-Challenge", 4, Metrics.ACC_AND_ACC_NORM, new Place("allenai/ai2_arc", "ARC-Challenge", "test")) {
        @Override
        Question question(Row row) {
            return arc(row);
        }
    },

    /** Elementary science facts put to use (Mihaylov et al. 2018). */
    OPENBOOKQA("OpenBookQA", 4, Metrics.ACC_AND_ACC_NORM, new Place("allenai/openbookqa", "main", "test")) {
        @Override
        Question question(Row row) {
            return lettered(row, row.text("question_stem"));
        }
    },

    /** Which of two ways reaches an everyday goal (Bisk et al. 2020). */
    PIQA("PIQA", 2, Metrics.ACC_AND_ACC_NORM, new Place("ybisk/piqa", "plain_text", "validation")) {
        @Override
        Question question(Row row) {
            return Question.of(
                    "Question: " + row.text("goal") + "\nAnswer:",
                    List.of(row.text("sol1"), row.text("sol2")),
                    row.index("label", 0, 2));
        }
    },

    /** Yes or no, given a passage (Clark et al. 2019); {@code label} as in SuperGLUE or {@code answer} as at first. */
    BOOLQ("BoolQ", 2, Metrics.ACC, new Place("google/boolq", "default", "validation")) {
        @Override
        Question question(Row row) {
            return Question.of(
                    row.text("passage") + "\nQuestion: " + row.text("question") + "?\nAnswer:",
                    List.of("no", "yes"),
                    row.has("answer") ? row.truth("answer") : row.index("label", 0, 2));
        }
    },

    /** Whom the blank means (Sakaguchi et al. 2020): two contexts, one for each name, before the same rest. */
    WINOGRANDE("WinoGrande", 2, Metrics.ACC, new Place("allenai/winogrande", "winogrande_xl", "validation")) {
        @Override
        Question question(Row row) {
            String sentence = row.text("sentence");
            int blank = sentence.indexOf('_');
            if (blank < 0) {
                throw row.refusal("field sentence has no _ in it");
            }
            String rest = " " + strip(sentence.substring(blank + 1));
            List<Choice> choices = Stream.of(row.text("option1"), row.text("option2"))
                    .map(option -> new Choice(sentence.substring(0, blank) + option, rest, PythonText.length(rest) - 1))
                    .toList();
            return new Question(choices, row.index("answer", 1, 2));
        }
    };

    /** What is reported of a benchmark: BoolQ's and WinoGrande's choices are too alike in length to divide by it. */
    enum Metrics {
        ACC,
        ACC_AND_ACC_NORM
    }

    private static final Pattern BRACKETS = PythonText.pattern("\\[.*?\\]");

    private final String title;
    private final int choices;
    private final Metrics metrics;
    private final Place place;

    /** @param choices of which one is right, as nearly all of its questions have */
    Benchmark(String title, int choices, Metrics metrics, Place place) {
        this.title = title;
        this.choices = choices;
        this.metrics = metrics;
        this.place = place;
    }

    /** The split that is reported, of a configuration of a data set on the hub. */
    record Place(String repository, String configuration, String split) {
        String folder() {
            return configuration + "/" + split;
        }
    }

    abstract Question question(Row row);

    /** The harness' name for it, such as {@code arc_easy}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As papers write it. */
    public String title() {
        return title;
    }

    public int choices() {
        return choices;
    }

    /** What guessing scores. */
    public double chance() {
        return 1.0 / choices;
    }

    Place place() {
        return place;
    }

    boolean hasAccNorm() {
        return metrics == Metrics.ACC_AND_ACC_NORM;
    }

    public static Benchmark named(String id) {
        return Stream.of(values())
                .filter(benchmark -> benchmark.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new RequestException(
                        "there is no benchmark " + id,
                        "--tasks "
                                + String.join(
                                        ",",
                                        Stream.of(values()).map(Benchmark::id).toList())));
    }

    private static Question arc(Row row) {
        return lettered(row, "Question: " + row.text("question") + "\nAnswer:");
    }

    private static Question lettered(Row row, String context) {
        Row choices = row.inner("choices");
        List<String> texts = choices.texts("text");
        List<String> labels = choices.texts("label");
        if (texts.size() != labels.size()) {
            throw row.refusal("field choices has %d texts and %d labels".formatted(texts.size(), labels.size()));
        }
        return Question.of(context, texts, row.indexAmong(labels, "answerKey"));
    }

    /** The harness' clean-up of HellaSwag; nothing is stripped at the end, so a removed bracket leaves its space. */
    private static String cleaned(String text) {
        String unmarked =
                BRACKETS.matcher(strip(text).replace(" [title]", ". ")).replaceAll("");
        return unmarked.replace("  ", " ");
    }
}
