package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.eval.Benchmark;
import dev.cria.eval.ModelScorer;
import dev.cria.eval.series.Measure;
import dev.cria.eval.series.ScoreLine;
import dev.cria.eval.series.ScoreLine.Subject;
import dev.cria.eval.series.ScoreLog;
import dev.cria.eval.series.ScoreTable;
import dev.cria.format.AtomicFiles;
import dev.cria.run.RunFiles;
import dev.cria.run.WeightsId;
import dev.cria.tune.OpenModel;
import dev.cria.weights.NamedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code cria eval RUN --all}: the kept checkpoints of a run, and models to compare them with, each in its turn. What
 * {@link ScoreLog} has already is not measured again; rows are read and encoded once.
 */
final class EvalSeries {

    /** A model in the series and what is still to be measured of it. */
    private record Turn(Subject subject, String weights, EvalRun.Candidate candidate, List<Measure> missing) {}

    private final EvalRun.What what;
    private final EvalRun single;
    private final ComputeOptions compute;
    private final Progress progress;
    private final ScoreLog log;
    private final Path run;

    EvalSeries(Path run, EvalRun.What what, ComputeOptions compute, Progress progress) {
        this.run = run;
        this.what = what;
        this.single = new EvalRun(what, compute, progress);
        this.compute = compute;
        this.progress = progress;
        this.log = new ScoreLog(run);
    }

    /** @param references models by the names they have in tables and figures */
    void run(StepRange steps, Map<String, NamedModel> references, Optional<Path> json) {
        what.require();
        List<ScoreLine> there = log.all();
        List<Turn> turns = new ArrayList<>(turns(checkpoints(steps), there));
        references.forEach((name, model) -> turns.add(turn(
                new Subject.Reference(name), single.candidates(List.of(model)).getFirst(), there)));
        List<Turn> due =
                turns.stream().filter(turn -> !turn.missing().isEmpty()).toList();
        progress.say("%d checkpoints and %d other models: %d measured already, %d to go"
                .formatted(turns.size() - references.size(), references.size(), turns.size() - due.size(), due.size()));
        for (int i = 0; i < due.size(); i++) {
            Optional<Path> next =
                    i + 1 < due.size() ? Optional.of(due.get(i + 1).candidate().place()) : Optional.empty();
            measure(due.get(i), next);
        }
        List<ScoreLine> now = log.all();
        List<ScoreLine> lines =
                turns.stream().flatMap(turn -> measured(turn, now).stream()).toList();
        System.out.print(ScoreTable.of(lines));
        json.ifPresent(file -> AtomicFiles.write(file, ScoreTable.json(lines)));
    }

    private List<Path> checkpoints(StepRange steps) {
        List<Path> all = new RunFiles(run)
                .checkpoints().reversed().stream()
                        .filter(place -> Files.isRegularFile(place.resolve("config.json")))
                        .toList();
        if (all.isEmpty()) {
            throw new RequestException(
                    run + " has no checkpoint of a model", "name a pretraining's run, such as runs/dmas-1.7b");
        }
        List<Path> wanted = all.stream()
                .filter(place -> steps.contains(RunFiles.step(place).orElseThrow()))
                .toList();
        if (wanted.isEmpty()) {
            throw new RequestException(
                    "%s has no checkpoint of the steps %d:%d:%d".formatted(run, steps.from(), steps.to(), steps.by()),
                    "its %d checkpoints are of steps %d to %d"
                            .formatted(
                                    all.size(),
                                    RunFiles.step(all.getFirst()).orElseThrow(),
                                    RunFiles.step(all.getLast()).orElseThrow()));
        }
        return wanted;
    }

    /** The first one's tokenizer is read for all, since those of a run are equal. */
    private List<Turn> turns(List<Path> checkpoints, List<ScoreLine> there) {
        Path first = checkpoints.getFirst();
        List<Turn> turns = new ArrayList<>();
        EvalRun.Candidate shared = single.candidates(List.of(new NamedModel(first.toString(), first)))
                .getFirst();
        for (Path place : checkpoints) {
            requireSame("tokenizer.json", first, place);
            requireSame("config.json", first, place);
            long step = RunFiles.step(place).orElseThrow();
            turns.add(turn(new Subject.Checkpoint(step), shared.at(place), there));
        }
        return turns;
    }

    private static void requireSame(String file, Path first, Path other) {
        Path one = first.resolve(file);
        Path two = other.resolve(file);
        try {
            boolean same = Files.exists(one) ? Files.exists(two) && Files.mismatch(one, two) < 0 : !Files.exists(two);
            if (!same) {
                throw new RequestException(
                        "%s and %s differ, so they are not checkpoints of one training".formatted(one, two),
                        "./cria eval " + other + " measures one of them");
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(two, e);
        }
    }

    private Turn turn(Subject subject, EvalRun.Candidate candidate, List<ScoreLine> lines) {
        String weights = WeightsId.of(candidate.place())
                .orElseThrow(
                        () -> new RequestException(candidate.place() + " has no weights", "ls " + candidate.place()))
                .sha256();
        Map<Measure, ScoreLine> there = log.about(subject, weights, lines);
        List<Measure> missing = measures(candidate).stream()
                .filter(measure ->
                        !there.containsKey(measure) || !there.get(measure).isWhole())
                .toList();
        return new Turn(subject, weights, candidate, missing);
    }

    private List<Measure> measures(EvalRun.Candidate candidate) {
        List<Measure> all = new ArrayList<>();
        candidate.evaluation().ifPresent(evaluation -> evaluation
                .benchmarks()
                .forEach(benchmark -> all.add(Measure.of(evaluation, benchmark, asking(candidate)))));
        what.data().ifPresent(data -> all.add(validation(data, candidate)));
        return all;
    }

    private Measure.Asking asking(EvalRun.Candidate candidate) {
        return new Measure.Asking(
                Measure.Asking.precision(compute.precision().dtype()), single.positions(candidate.config()));
    }

    private Measure validation(Path data, EvalRun.Candidate candidate) {
        return Measure.validation(data.toAbsolutePath().normalize().toString(), what.limit(), asking(candidate));
    }

    private void measure(Turn turn, Optional<Path> next) {
        EvalRun.Candidate candidate = turn.candidate();
        long start = System.nanoTime();
        try (OpenModel open = OpenModel.withoutTokenizer(
                candidate.place(), compute.device(), compute.precision().dtype())) {
            next.ifPresent(ReadAhead::start);
            for (Measure measure : turn.missing()) {
                if (measure.task().equals(Measure.VALIDATION)) {
                    log.add(turn.subject(), turn.weights(), measure, single.validation(open, candidate));
                } else {
                    benchmark(turn, open, Benchmark.named(measure.task()));
                }
            }
        }
        progress.say("%s: %d measured in %.1f s"
                .formatted(candidate.place(), turn.missing().size(), (System.nanoTime() - start) / 1e9));
    }

    private void benchmark(Turn turn, OpenModel open, Benchmark benchmark) {
        EvalRun.Candidate candidate = turn.candidate();
        var scorer = new ModelScorer(open.model(), open.kernels(), single.positions(candidate.config()));
        var evaluation = candidate.evaluation().orElseThrow();
        log.add(
                turn.subject(),
                turn.weights(),
                evaluation,
                asking(candidate),
                evaluation.run(benchmark, scorer, progress));
    }

    private List<ScoreLine> measured(Turn turn, List<ScoreLine> lines) {
        Map<Measure, ScoreLine> there = log.about(turn.subject(), turn.weights(), lines);
        return measures(turn.candidate()).stream().map(there::get).toList();
    }
}
