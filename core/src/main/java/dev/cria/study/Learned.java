package dev.cria.study;

import dev.cria.eval.Benchmark;
import dev.cria.eval.Question;
import dev.cria.eval.Question.Choice;
import dev.cria.page.Axis;
import dev.cria.page.Cell;
import dev.cria.page.Figure;
import dev.cria.page.Ink;
import dev.cria.page.Mark;
import dev.cria.page.Milestones;
import dev.cria.page.Numbers;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Series;
import dev.cria.page.Table;
import dev.cria.study.Learning.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What became of the questions of one benchmark in one run. */
record Learned(StudiedRun run, TaskSeries task, double threshold, List<Learning> questions) {
    private static final int MOST_ROWS = 12;
    private static final int MOST_LETTERS = 160;

    /**
     * A question's row.
     *
     * @param onsetStep the first checkpoint at which the margin has begun to rise; the interval's lower end is the
     *     checkpoint before the first that is possible
     * @param sureRise of the margin, in bits a byte, to be compared with the threshold
     */
    record Row(
            String run,
            String task,
            int document,
            String outcome,
            @Nullable Long onsetStep,
            @Nullable Long onsetLow,
            @Nullable Long onsetHigh,
            @Nullable Long lostStep,
            double sureRise,
            double threshold,
            double firstMargin,
            double lastMargin,
            String question,
            String answer) {}

    /** A question at a checkpoint. */
    record Margin(String run, String task, int document, long step, double margin, double bitsPerByte) {}

    static Learned of(StudiedRun run, TaskSeries task) {
        double threshold = Learning.threshold(task.questions());
        List<Learning> questions = IntStream.range(0, task.questions().size())
                .parallel()
                .mapToObj(i -> Learning.of(task.questions().get(i), threshold, i))
                .toList();
        return new Learned(run, task, threshold, questions);
    }

    long count(Outcome outcome) {
        return questions.stream()
                .filter(question -> question.outcome() == outcome)
                .count();
    }

    List<Row> rows() {
        return IntStream.range(0, questions.size()).mapToObj(this::row).toList();
    }

    private Row row(int i) {
        Learning learning = questions.get(i);
        Margins margins = task.questions().get(i);
        return new Row(
                run.name(),
                task.benchmark().id(),
                margins.document(),
                learning.outcome().name().toLowerCase(Locale.ROOT),
                learning.onset().map(onset -> task.step(onset.place())).orElse(null),
                learning.onset()
                        .map(onset -> task.step(Math.max(0, onset.low() - 1)))
                        .orElse(null),
                learning.onset().map(onset -> task.step(onset.high())).orElse(null),
                learning.lost().map(task::step).orElse(null),
                learning.sureRise(),
                threshold,
                margins.plain()[0],
                margins.plain()[margins.plain().length - 1],
                text(i, Choice::context),
                text(i, Choice::continuation));
    }

    private String text(int i, Function<Choice, String> part) {
        if (i >= task.texts().size()) {
            return "";
        }
        Question question = task.texts().get(i);
        return part.apply(question.choices().get(question.gold()));
    }

    List<Margin> margins() {
        List<Margin> rows = new ArrayList<>();
        for (Margins question : task.questions()) {
            for (int t = 0; t < task.lines().size(); t++) {
                rows.add(new Margin(
                        run.name(),
                        task.benchmark().id(),
                        question.document(),
                        task.step(t),
                        question.plain()[t],
                        question.bits()[t]));
            }
        }
        return rows;
    }

    static Section section(List<StudiedRun> runs, List<Learned> all) {
        List<Part> parts = new ArrayList<>(List.of(new Part.Grid(counts(all)), new Part.Chart(figure(runs, all))));
        List<Row> rows = all.stream().flatMap(each -> each.rows().stream()).toList();
        Comparator<Row> byOnset = Comparator.comparing(row -> row.onsetStep() == null ? -1 : row.onsetStep());
        parts.add(new Part.Grid(some(
                "learned-first",
                "Learned first",
                rows,
                row -> row.outcome().equals("learned"),
                byOnset.thenComparing(row -> -row.sureRise()))));
        parts.add(new Part.Grid(some(
                "learned-last",
                "Learned last",
                rows,
                row -> row.outcome().equals("learned"),
                byOnset.reversed().thenComparing(row -> -row.sureRise()))));
        parts.add(new Part.Grid(some(
                "forgotten",
                "Forgotten",
                rows,
                row -> row.outcome().equals("forgotten"),
                Comparator.comparing(row -> -row.sureRise()))));
        return new Section(
                "learned",
                "What was learned when",
                "Of each question the margin is followed: the right answer's log-likelihood a byte over that of the"
                    + " best wrong one, less what raises the same answers in other questions. An onset is where it"
                    + " begins to rise to a level above 0, by more than 49 of 50 wrong answers do when they are looked"
                    + " at as if they were right. Forgotten: more than half of the rise is gone again.",
                parts,
                "two checkpoints or more: cria eval RUN --all");
    }

    private static Table counts(List<Learned> all) {
        Table.Builder table = Table.titled(
                "learned",
                "Questions by what became of them",
                "Run",
                "Benchmark",
                "Questions",
                "Learned",
                "Forgotten",
                "Never",
                "Median onset",
                "Half of the intervals are shorter than",
                "Threshold, bits a byte");
        for (Learned each : all) {
            table.row(
                    Cell.of(each.run.name()),
                    Cell.of(each.task.benchmark().id()),
                    Cell.count(each.questions.size()),
                    Cell.count(each.count(Outcome.LEARNED)),
                    Cell.count(each.count(Outcome.FORGOTTEN)),
                    Cell.count(each.count(Outcome.NEVER)),
                    median(each.rows().stream()
                            .filter(row -> row.onsetStep() != null)
                            .mapToLong(row -> row.onsetStep())
                            .toArray()),
                    median(each.rows().stream()
                            .filter(row -> row.onsetLow() != null && row.onsetHigh() != null)
                            .mapToLong(row -> row.onsetHigh() - row.onsetLow())
                            .toArray()),
                    Cell.fixed(each.threshold, 3));
        }
        return table.note("Rise: least squares over every start and shape (two-phase regression, Hinkley 1971), up to"
                        + " the series' highest place. Onset: the largest difference of the means of four"
                        + " checkpoints before and after (moving sums, Hušková 1990). Interval: 95%, moving-block"
                        + " bootstrap of the residuals (Künsch 1989; Hušková and Kirch 2008). One wrong answer in"
                        + " fifty has an onset by the threshold's making.")
                .build();
    }

    private static Cell median(long[] values) {
        Arrays.sort(values);
        return values.length == 0 ? Cell.NONE : Cell.count(values[values.length / 2]);
    }

    private static Figure figure(List<StudiedRun> runs, List<Learned> all) {
        List<Panel> panels = new ArrayList<>();
        for (Benchmark benchmark : StudiedRun.benchmarks(runs)) {
            List<Series> series = new ArrayList<>();
            for (Learned each : all) {
                if (each.task.benchmark() == benchmark) {
                    Ink ink = Ink.series(runs.indexOf(each.run));
                    series.add(new Series(each.run.name(), ink, Series.Style.DOTS, each.known()));
                }
            }
            panels.add(new Panel(
                    benchmark.id(),
                    benchmark.title(),
                    "learned and not forgotten, per cent of the questions",
                    "step",
                    Panel.Scale.SHARE,
                    Axis.Format.PERCENT,
                    series,
                    List.of(new Panel.Level("none", 0, Mark.Stroke.DOTTED)),
                    Milestones.NONE));
        }
        return new Figure("learned-by-step", "Questions whose onset is past", "", Curves.legend(runs), panels);
    }

    /** The share of questions that have had their onset and not their loss, at each checkpoint. */
    private List<Point> known() {
        return IntStream.range(0, task.lines().size())
                .mapToObj(t -> new Point(
                        task.step(t),
                        questions.stream()
                                        .filter(q -> q.onset().isPresent()
                                                && q.onset().get().place() <= t
                                                && q.lost()
                                                        .filter(lost -> lost <= t)
                                                        .isEmpty())
                                        .count()
                                / (double) questions.size()))
                .toList();
    }

    private static Table some(String id, String title, List<Row> rows, Predicate<Row> which, Comparator<Row> order) {
        boolean several = rows.stream().map(Row::run).distinct().count() > 1;
        List<String> columns =
                new ArrayList<>(List.of("Benchmark", "Onset", "95% interval", "Lost", "Question", "Answer"));
        if (several) {
            columns.addFirst("Run");
        }
        Table.Builder table = Table.titled(id, title, columns);
        rows.stream().filter(which).sorted(order).limit(MOST_ROWS).forEach(row -> {
            List<Cell> cells = new ArrayList<>(List.of(
                    Cell.of(row.task()),
                    step(row.onsetStep()),
                    Cell.of(shown(row.onsetLow()) + " … " + shown(row.onsetHigh())),
                    step(row.lostStep()),
                    Cell.of(ending(row.question())),
                    Cell.of(ending(row.answer()))));
            if (several) {
                cells.addFirst(Cell.of(row.run()));
            }
            table.row(cells);
        });
        return table.build();
    }

    private static Cell step(@Nullable Long step) {
        return step == null ? Cell.NONE : Cell.count(step);
    }

    private static String shown(@Nullable Long step) {
        return step == null ? "–" : Numbers.count(step);
    }

    /** What is asked stands at the end of a context. */
    private static String ending(String text) {
        String line = text.strip();
        return line.length() <= MOST_LETTERS ? line : "… " + line.substring(line.length() - MOST_LETTERS);
    }
}
