package dev.cria.api;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.parallel.Ranks;
import dev.cria.run.Line;
import dev.cria.run.MetricSink;
import dev.cria.run.RunFiles;
import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;
import dev.cria.tensor.VectorApi;
import dev.cria.train.RunContext;
import dev.cria.train.Runs;
import dev.cria.train.Runs.OptimizerState;
import dev.cria.train.Runs.Resume;
import dev.cria.train.Trainer.Outcome;
import dev.cria.train.TrainingKind;
import dev.cria.weights.NamedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A training that is asked for, of a {@link Trainer} or {@link Tuner}; nothing happens before {@link #run}. For one
 * thread, but for the {@link Cancellation}. Trainings with other directories may run at the same time.
 */
public final class Training {
    private final Work work;
    private final List<String> settings = new ArrayList<>();
    private Consumer<Step> steps = _ -> {};
    private Consumer<Validation> validations = _ -> {};
    private Consumer<String> messages = _ -> {};
    private Cancellation cancellation = new Cancellation();

    private Training(Work work) {
        this.work = work;
    }

    /** Trains in what surrounds it, with a program's own settings, and returns how that ended and where. */
    @FunctionalInterface
    private interface Work {
        Done in(RunContext context, List<String> settings);
    }

    private record Done(Outcome outcome, Path run) {}

    /** @param model to fetch first, if it lies on the hub */
    static <R extends Record> Training begin(
            TrainingKind<R> kind, Function<List<String>, R> recipe, Optional<String> model, List<String> own) {
        return new Training((context, settings) -> {
            List<String> all = new ArrayList<>(settings);
            all.addAll(own);
            // A run remembers the folder of the commit that it began with, so that it resumes from the same weights.
            model.ifPresent(name -> all.add(ConfigFile.setting(
                    "model", NamedModel.of(name, context.progress()).path().toString())));
            R checked = recipe.apply(all);
            return new Done(new Runs<>(kind, context).start(checked, Optional.empty()), kind.out(checked));
        });
    }

    static <R extends Record> Training resume(TrainingKind<R> kind, Path run) {
        return new Training(
                (context, settings) -> new Done(new Runs<>(kind, context).resume(Resume.of(run, settings)), run));
    }

    static <R extends Record> Training fork(TrainingKind<R> kind, Path run, long step, Path out) {
        return new Training((context, settings) -> new Done(
                new Runs<>(kind, context).resume(Resume.fork(run, step, OptimizerState.RESTORED, out, settings)), out));
    }

    /**
     * Sets a key of the configuration, such as {@code schedule.steps}; docs/keys.md lists every key.
     *
     * @param value a number, a text, a boolean or a list of these
     */
    public Training set(String key, Object value) {
        settings.add(ConfigFile.setting(key, value));
        return this;
    }

    /**
     * @param callback is called after each step, between which it holds the training up; an exception of its own ends
     *     the training, which then resumes from its newest checkpoint
     */
    public Training onStep(Consumer<Step> callback) {
        steps = callback;
        return this;
    }

    /** @param callback is called when a validation loss is known */
    public Training onValidation(Consumer<Validation> callback) {
        validations = callback;
        return this;
    }

    /** @param callback takes the lines that the command line would show */
    public Training onMessage(Consumer<String> callback) {
        messages = callback;
        return this;
    }

    /** @param by stops the training after its step, with a checkpoint, when it is cancelled */
    public Training cancelledBy(Cancellation by) {
        cancellation = by;
        return this;
    }

    /**
     * Trains in this thread, to the last step or until it is cancelled.
     *
     * @throws dev.cria.RequestException if something of what was asked for is wrong; then nothing was written
     * @throws dev.cria.WorkException if the training cannot go on, or the JVM has no Vector module
     */
    public TrainingResult run() {
        VectorApi.load();
        Progress progress = Messages.to(messages);
        try {
            Done done = work.in(
                    new RunContext(progress, Ranks.solo(), cancellation.interruption(), new Callbacks()), settings);
            return result(done);
        } finally {
            Memory.of(Device.CPU).trim();
        }
    }

    private static TrainingResult result(Done done) {
        Path checkpoint = new RunFiles(done.run()).checkpoints().getFirst();
        return new TrainingResult(
                switch (done.outcome()) {
                    case FINISHED -> TrainingResult.End.FINISHED;
                    case INTERRUPTED -> TrainingResult.End.CANCELLED;
                },
                done.run(),
                RunFiles.step(checkpoint).orElseThrow(),
                checkpoint);
    }

    /** What the log takes, in this package's words. */
    private final class Callbacks implements MetricSink {
        @Override
        public void take(Line line) {
            switch (line) {
                case Line.Step step -> steps.accept(Step.of(step));
                case Line.Validation v -> validations.accept(new Validation(v.step(), v.loss()));
                case Line.Averaged _, Line.Benchmarks _, Line.Sample _ -> {}
            }
        }
    }
}
