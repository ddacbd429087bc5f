package dev.cria.study;

import dev.cria.RequestException;
import dev.cria.data.source.Records;
import dev.cria.page.Cell;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import dev.cria.study.Learning.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What was found out about a planted fact beside what was done.
 *
 * @param plan told {@code onward}, some {@code times}, or {@code never}
 * @param told how many steps told it
 * @param firstTold the first of them; a checkpoint is the state before its step, so the first that can know is a later one
 * @param due the first checkpoint after the first telling
 * @param off checkpoints from there to the onset found; below 0 where it was found too early
 */
record Planted(
        String run,
        String name,
        String plan,
        int told,
        @Nullable Long firstTold,
        @Nullable Long lastTold,
        @Nullable Long due,
        String outcome,
        @Nullable Long onset,
        @Nullable Integer off) {

    /** A fact of {@code planted.jsonl}. */
    private record Fact(String task, int document, String name, String plan) {}

    /** Of each run that was asked about them. */
    static List<Planted> of(Path file, List<Learned> learned) {
        List<Fact> facts = facts(file);
        List<Planted> all = new ArrayList<>();
        for (Learned each : learned) {
            List<Fact> asked =
                    facts.stream().filter(fact -> isAsked(fact, each)).toList();
            if (asked.isEmpty()) {
                continue;
            }
            long last = each.task().step(each.task().lines().size() - 1);
            Map<String, List<Long>> told = Tellings.of(
                    each.run().directory(), asked.stream().map(Fact::name).toList(), last);
            asked.forEach(fact -> all.add(of(fact, each, Objects.requireNonNull(told.get(fact.name())))));
        }
        if (all.isEmpty()) {
            throw new RequestException(
                    "no run here was asked about the facts of " + file,
                    "./cria eval RUN --all --benchmarks " + file.resolveSibling("planted"));
        }
        return all;
    }

    private static List<Fact> facts(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RequestException(file + " is not there", "the planted.jsonl that primer --plant wrote");
        }
        List<Fact> facts = new ArrayList<>();
        Records.read(file, Long.MAX_VALUE, found -> {
            JsonNode row = found.node();
            if (!row.path("name").isString() || !row.path("document").isIntegralNumber()) {
                throw new RequestException(
                        "%s line %d has no name and document".formatted(file, found.place()),
                        "the planted.jsonl that primer --plant wrote");
            }
            facts.add(new Fact(
                    row.path("task").asString(""),
                    row.path("document").asInt(),
                    row.path("name").asString(),
                    row.path("plan").asString("")));
        });
        return facts;
    }

    private static boolean isAsked(Fact fact, Learned learned) {
        return learned.task().benchmark().id().equals(fact.task())
                && fact.document() < learned.task().texts().size()
                && fact.document() < learned.questions().size()
                && learned.task()
                        .texts()
                        .get(fact.document())
                        .choices()
                        .getFirst()
                        .context()
                        .contains(fact.name());
    }

    private static Planted of(Fact fact, Learned learned, List<Long> told) {
        Learning learning = learned.questions().get(fact.document());
        Integer due = told.isEmpty() ? null : firstAfter(learned.task(), told.getFirst());
        Integer onset = learning.onset().map(Learning.Onset::place).orElse(null);
        return new Planted(
                learned.run().name(),
                fact.name(),
                fact.plan(),
                told.size(),
                told.isEmpty() ? null : told.getFirst(),
                told.isEmpty() ? null : told.getLast(),
                due == null ? null : learned.task().step(due),
                learning.outcome().name().toLowerCase(Locale.ROOT),
                onset == null ? null : learned.task().step(onset),
                due == null || onset == null ? null : onset - due);
    }

    private static @Nullable Integer firstAfter(TaskSeries task, long step) {
        for (int i = 0; i < task.lines().size(); i++) {
            if (task.step(i) > step) {
                return i;
            }
        }
        return null;
    }

    private boolean isFound() {
        return off != null && Math.abs(off) <= 1;
    }

    private boolean is(Outcome one) {
        return outcome.equals(one.name().toLowerCase(Locale.ROOT));
    }

    static Section section(List<Planted> all) {
        List<Part> parts = all.isEmpty() ? List.of() : List.of(new Part.Grid(summary(all)), new Part.Grid(table(all)));
        return new Section(
                "planted",
                "Beside what was done",
                "Facts were planted at known places of the data. A checkpoint is the state before its step, so the"
                        + " first that can know a fact is the one after the first step that told it.",
                parts,
                "primer --plant, and cria study RUN --planted planted.jsonl");
    }

    private static Table summary(List<Planted> all) {
        Table.Builder table = Table.titled(
                "planted",
                "Planted facts, found beside done",
                "Run",
                "Facts",
                "Number",
                "With an onset",
                "Of these within one checkpoint",
                "Per cent",
                "Forgotten");
        all.stream().collect(Collectors.groupingBy(Planted::run)).forEach((run, facts) -> {
            row(table, run, "told onward", facts, fact -> fact.told > 0 && fact.plan.equals("onward"));
            row(table, run, "told some times", facts, fact -> fact.told > 0 && fact.plan.equals("times"));
            row(table, run, "never told", facts, fact -> fact.told == 0);
        });
        return table.build();
    }

    private static void row(
            Table.Builder table, String run, String words, List<Planted> all, Predicate<Planted> which) {
        List<Planted> facts = all.stream().filter(which).toList();
        long onsets = facts.stream().filter(fact -> fact.onset != null).count();
        long found = facts.stream().filter(Planted::isFound).count();
        boolean told = facts.stream().anyMatch(fact -> fact.told > 0);
        table.row(
                Cell.of(run),
                Cell.of(words),
                Cell.count(facts.size()),
                Cell.count(onsets),
                told ? Cell.count(found) : Cell.NONE,
                told && onsets > 0 ? Cell.percent(found / (double) onsets) : Cell.NONE,
                Cell.count(facts.stream()
                        .filter(fact -> fact.is(Outcome.FORGOTTEN))
                        .count()));
    }

    private static Table table(List<Planted> all) {
        Table.Builder table = Table.titled(
                "planted-facts",
                "Each planted fact",
                "Run",
                "Fact",
                "Plan",
                "Steps that told it",
                "First",
                "Last",
                "Checkpoint due",
                "Onset found",
                "Checkpoints off",
                "Outcome");
        all.forEach(fact -> table.row(
                Cell.of(fact.run),
                Cell.of(fact.name),
                Cell.of(fact.plan),
                Cell.count(fact.told),
                step(fact.firstTold),
                step(fact.lastTold),
                step(fact.due),
                step(fact.onset),
                fact.off == null ? Cell.NONE : Cell.of(fact.off, Integer.toString(fact.off)),
                Cell.of(fact.outcome)));
        return table.build();
    }

    private static Cell step(@Nullable Long step) {
        return step == null ? Cell.NONE : Cell.count(step);
    }
}
