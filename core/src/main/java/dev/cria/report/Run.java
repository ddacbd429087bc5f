package dev.cria.report;

import dev.cria.eval.series.ScoreLine;
import dev.cria.model.ModelConfig;
import dev.cria.page.Numbers;
import dev.cria.page.Point;
import dev.cria.run.Event;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;

/**
 * All that a run's files say.
 *
 * @param name how the page calls it: its directory's name
 * @param steps ascending, one a step
 * @param failedValidations steps at which the validation loss was not finite
 * @param references other models that were measured beside it, by name, their scores by task
 * @param model the newest checkpoint's {@code config.json}
 * @param architecture what follows from it: parameters, FLOPs
 */
record Run(
        String name,
        Path directory,
        JsonNode config,
        List<Line.Step> steps,
        List<Point> validation,
        List<Long> failedValidations,
        List<Evaluation> evaluations,
        Map<String, Map<String, ScoreLine>> references,
        List<Event> events,
        List<Line.Sample> samples,
        Optional<JsonNode> model,
        Optional<ModelConfig> architecture) {

    Line.Step last() {
        return steps.getLast();
    }

    /** Whether adapters are trained on a model that exists, as {@code tune} does. */
    boolean isTuning() {
        return config.has("lora");
    }

    /**
     * Whether the run began at a checkpoint of another one of these and stopped before that one did: drawn beside it,
     * but with no rows of its own where nearly all of them would be the other's.
     */
    boolean isShortFork(List<Run> runs) {
        return events(Event.Resumed.class).stream()
                .flatMap(resume -> resume.checkpoint().stream())
                .anyMatch(from -> runs.stream()
                        .anyMatch(r -> r != this && r.holds(from) && r.last().step() > last().step()));
    }

    /** Whether a path, such as a checkpoint's, lies in the run's directory. */
    boolean holds(String path) {
        return absolute(Path.of(path)).startsWith(absolute(directory));
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** The step at which the schedule ends, if the configuration says so. */
    OptionalDouble horizon() {
        return Fields.number(config.path("schedule"), "steps");
    }

    <E extends Event> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** A file that another command has put into the run's directory, or into the one above as the demo does. */
    Optional<JsonNode> extra(String file) {
        return JsonFiles.treeIfPresent(new RunFiles(directory).inOrBeside(file));
    }

    List<JsonNode> extraLines(String file) {
        return JsonFiles.linesIfPresent(new RunFiles(directory).inOrBeside(file));
    }

    /** A sentence where what a file says is about an earlier step than the run's end; else nothing. */
    String behind(String file, long step) {
        long end = last().step() + 1;
        return step >= 0 && step < end
                ? " %s is of step %s; the run has come to step %s since."
                        .formatted(file, Numbers.count(step), Numbers.count(end))
                : "";
    }

    /** GPT-2's vocabulary, padded or not: only then do published losses and accuracies compare with these. */
    boolean hasGpt2Vocabulary() {
        return model.map(m -> m.path("vocab_size").asInt(0))
                .filter(v -> v >= 50257 && v <= 50304)
                .isPresent();
    }

    List<Point> points(ToDoubleFunction<Line.Step> value) {
        return steps.stream()
                .map(s -> new Point(s.step(), value.applyAsDouble(s)))
                .filter(p -> Double.isFinite(p.y()))
                .toList();
    }

    /** The value of the last point at or before the step. */
    static OptionalDouble at(List<Point> points, double step) {
        return points.stream().filter(p -> p.x() <= step).mapToDouble(Point::y).reduce((_, b) -> b);
    }
}
