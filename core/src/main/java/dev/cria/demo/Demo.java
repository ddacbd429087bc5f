package dev.cria.demo;

import dev.cria.Progress;
import dev.cria.parallel.Ranks;
import dev.cria.primer.PrimerOptions;
import dev.cria.primer.PrimerShards;
import dev.cria.report.Report;
import dev.cria.study.Study;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.Interruption;
import dev.cria.train.Trainer.Outcome;
import dev.cria.tune.Tuning;
import dev.cria.weights.ModelPlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The paper on a laptop, stage by stage, each through the classes behind the command of the same name. Stages hand on what
 * they made in files alone, as the commands do.
 */
public final class Demo {
    private final DemoFiles files;
    private final DemoSize size;
    private final long seed;
    private final Progress progress;
    private final Interruption interruption;
    private final PrimerShards shards;
    private final MainRun mainRun;
    private final Restarts restarts;

    /** How much is done. */
    public enum Length {
        QUICK,
        FULL
    }

    /**
     * @param steps of pretraining, as many as fit if none are given
     * @param mainClass runs a command line: the ranks of the restart stage are processes of their own
     */
    public Demo(
            Path out,
            Length length,
            long seed,
            OptionalInt steps,
            Class<?> mainClass,
            Progress progress,
            Interruption interruption) {
        this(
                new DemoFiles(out),
                length == Length.QUICK ? DemoSize.quick() : DemoSize.full(),
                seed,
                steps,
                mainClass,
                progress,
                interruption);
    }

    Demo(
            DemoFiles files,
            DemoSize size,
            long seed,
            OptionalInt steps,
            Class<?> mainClass,
            Progress progress,
            Interruption interruption) {
        size.checkSteps(steps);
        this.files = files;
        this.size = size;
        this.seed = seed;
        this.progress = progress;
        this.interruption = interruption;
        this.shards = new PrimerShards(
                files.primer(),
                files.tokenizer(),
                files.data(),
                new PrimerOptions(size.corpus(), seed),
                size.vocabulary(),
                size.shardTokens());
        this.mainRun = new MainRun(size, files, seed, steps, progress);
        this.restarts = new Restarts(size, files, mainClass, progress, interruption);
    }

    /**
     * Runs all stages.
     *
     * @return what the closing page says, or nothing if somebody interrupted
     */
    public Optional<ClosingPage> run() {
        files.requireFree();
        long begun = System.nanoTime();
        var timetable = new Timetable(size.seconds(), () -> (System.nanoTime() - begun) / 1e9, mainRun.measuredSpeed());
        mainRun.plan(timetable, restOfAll());
        announce(timetable);
        int count = stages(timetable).size();
        for (int i = 0; i < count; i++) {
            Stage stage = stages(timetable).get(i);
            progress.say("── %d/%d  %s".formatted(i + 1, count, stage.words()));
            double before = timetable.soFar();
            if (stage.work().get() == Outcome.INTERRUPTED) {
                progress.say("stopped; continue what was trained so far with ./cria pretrain --resume " + files.run());
                return Optional.empty();
            }
            double taken = timetable.soFar() - before;
            timetable.took(stage.cost(), taken);
            double left = timetable.seconds(together(stages(timetable).subList(i + 1, count)));
            progress.say(
                    "   done in %.0f s; %.0f s so far, about %.0f s to go".formatted(taken, timetable.soFar(), left));
        }
        return Optional.of(new ClosingPage(files, size, timetable.soFar()));
    }

    private List<Stage> stages(Timetable timetable) {
        return Stream.of(before(), List.of(pretraining(timetable)), after())
                .flatMap(List::stream)
                .toList();
    }

    private Stage pretraining(Timetable timetable) {
        return new Stage(
                "pretrain: a LLaMA from random weights",
                mainRun.cost(),
                () -> mainRun.run(timetable, together(after()), interruption));
    }

    private Cost restOfAll() {
        return together(before()).plus(together(after()));
    }

    private static Cost together(List<Stage> stages) {
        return stages.stream().map(Stage::cost).reduce(Cost.seconds(0), Cost::plus);
    }

    private List<Stage> before() {
        boolean quick = size.isQuick();
        return List.of(
                Stage.of(
                        "primer: a corpus from WordNet's definitions",
                        Cost.seconds(quick ? 4 : 8),
                        () -> shards.writeCorpus(progress)),
                Stage.of(
                        "tokenizer: byte-pair merges learned from it",
                        Cost.seconds(2),
                        () -> shards.trainTokenizer(progress)),
                Stage.of(
                        "prepare: junk and duplicates out, tokens into shards",
                        Cost.seconds(quick ? 4 : 10),
                        () -> shards.writeShards(Optional.of(files.out().resolve("data-report")), progress)));
    }

    private List<Stage> after() {
        boolean quick = size.isQuick();
        double forked = (double) size.forks().size() * size.forkSteps() * size.tokensPerStep();
        return List.of(
                Stage.of("baselines: what counting alone would reach", Cost.seconds(1), this::measureBaselines),
                Stage.of(
                        "eval: seven benchmarks, and what it knows",
                        Cost.tokens(quick ? 40_000 : 140_000),
                        this::examine),
                new Stage(
                        "pretrain --resume: what a restart costs, " + words(size.forks()),
                        new Cost(quick ? 3 : 20, 1.3 * forked),
                        restarts::run),
                new Stage(
                        "tune: adapters learn to answer questions",
                        Cost.tokens((quick ? 6_000.0 : 3_600.0) * size.tuningSteps()),
                        this::tune),
                Stage.of(
                        "compare: questions before and after",
                        Cost.tokens(quick ? 20_000 : 180_000),
                        new BeforeAfter(size, files, progress)::run),
                Stage.of("report", Cost.seconds(3), this::report));
    }

    private void examine() {
        new Examination(size, files, progress).run();
        new SampleMeasures(files, seed, progress).run();
    }

    private static String words(List<Fork> forks) {
        return String.join(", ", forks.stream().map(Fork::directory).toList());
    }

    /** What will be done, and about how long each part takes. */
    private void announce(Timetable timetable) {
        say(
                "%,.0f tokens/s in a training step, measured just now: %d steps of pretraining",
                timetable.tokensPerSecond(), mainRun.steps());
        progress.say("seconds, about, corrected as it goes:");
        List<Stage> stages = stages(timetable);
        for (int i = 0; i < stages.size(); i++) {
            Stage stage = stages.get(i);
            say("%4.0f  %2d  %s", timetable.seconds(stage.cost()), i + 1, stage.words());
        }
        say("%4.0f      in all", timetable.soFar() + timetable.seconds(together(stages)));
        Stream.of(Fork.values())
                .filter(fork -> !size.forks().contains(fork))
                .forEach(fork -> progress.say("left out: the restart on "
                        + fork.directory().replace('-', ' ') + "; everything else is done, in a shorter way"));
    }

    private void say(String line, Object... values) {
        progress.say(String.format(Locale.ROOT, line, values));
    }

    private void measureBaselines() {
        Baselines.measure(files.run(), Tokenizers.load(files.tokenizer()), size).write(files.run());
    }

    private Outcome tune() {
        try (Ranks ranks = Ranks.solo()) {
            return Tuning.runs(progress, ranks, interruption)
                    .start(new DemoRecipe(size, files, seed).tuning(ModelPlace.of(files.run())), Optional.empty());
        }
    }

    /** The series of the run's checkpoints; then the forks beside the run that they began from, and the tuning. */
    private void report() {
        List<Path> runs = new ArrayList<>(List.of(files.run()));
        size.forks().forEach(fork -> runs.add(files.fork(fork)));
        runs.add(files.tuning());
        Study.write(List.of(files.run()), Optional.empty(), files.report().resolve("series"));
        Report.write(runs, files.report());
    }
}
