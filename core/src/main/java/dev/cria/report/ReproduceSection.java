package dev.cria.report;

import dev.cria.report.Section.Fold;
import dev.cria.report.Section.Part;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** How to make the run again: commands, environment, the whole configuration. */
final class ReproduceSection {
    private ReproduceSection() {}

    static Section of(List<Run> runs) {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part.Code("Commands", commands(runs), Fold.OPEN));
        runs.getFirst().events().stream()
                .filter(e -> e.kind() == Event.Kind.STARTED || e.kind() == Event.Kind.RESUMED)
                .findFirst()
                .ifPresent(start -> JsonTables.of("environment", "Environment", start.fields())
                        .forEach(t -> parts.add(new Part.Grid(t))));
        for (Run run : runs) {
            parts.add(new Part.Code(
                    run.name() + ": config.yaml", JsonFiles.text(run.directory().resolve("config.yaml")), Fold.FOLDED));
        }
        return new Section(
                "reproduce", "Make it again", "The same seed and configuration give the same run.", parts, "");
    }

    private static String commands(List<Run> runs) {
        return runs.stream().map(run -> commands(run, runs)).collect(Collectors.joining("\n"));
    }

    private static String commands(Run run, List<Run> runs) {
        String command = run.isTuning() ? "tune" : "pretrain";
        List<String> lines = new ArrayList<>();
        for (Event e : run.events()) {
            if (e.kind() == Event.Kind.RESUMED && !isOwn(run, e.from())) {
                lines.clear();
                lines.add(fork(run, e, runs));
            } else if (e.kind() == Event.Kind.RESUMED) {
                lines.add("./cria " + command + " --resume " + run.directory());
            }
        }
        if (run.events().stream().noneMatch(e -> e.kind() == Event.Kind.RESUMED && !isOwn(run, e.from()))) {
            lines.addFirst("./cria " + command + " --config " + run.directory().resolve("config.yaml") + " --out "
                    + run.directory() + "-again");
        }
        return String.join("\n", lines);
    }

    /** A run's own checkpoint, and not one of the run that it was forked from. */
    private static boolean isOwn(Run run, Optional<String> from) {
        return from.map(run::holds).orElse(true);
    }

    /** With all that the fork has otherwise than its parent. */
    private static String fork(Run run, Event e, List<Run> runs) {
        Path parent = Optional.of(Path.of(e.from().orElseThrow()))
                .map(Path::getParent)
                .filter(directory -> directory.endsWith("checkpoints"))
                .map(Path::getParent)
                .orElse(Path.of(e.from().orElseThrow()));
        StringBuilder command = new StringBuilder("./cria ");
        e.ranks().stream().filter(ranks -> ranks > 1).forEach(ranks -> command.append("launch --nproc-per-node ")
                .append(ranks)
                .append(' '));
        command.append("pretrain --resume ").append(parent).append(" --at ").append(e.step());
        end(run).ifPresent(step -> command.append(" --until ").append(step));
        command.append(e.optimizerState() == Event.OptimizerState.WITHOUT ? " --without-optimizer-state" : "");
        runs.stream()
                .filter(r -> r != run && r.holds(e.from().orElseThrow()))
                .findFirst()
                .ifPresent(of ->
                        settings(of, run).forEach(s -> command.append(" --set ").append(s)));
        return command.append(" --out ")
                .append(run.directory())
                .append("-again")
                .toString();
    }

    /** The step that a run ended at, if its schedule goes on. */
    private static OptionalLong end(Run run) {
        return run.events().stream()
                .filter(e -> e.kind() == Event.Kind.FINISHED || e.kind() == Event.Kind.INTERRUPTED)
                .mapToLong(Event::step)
                .filter(step -> step < run.horizon().orElse(step))
                .findFirst();
    }

    /** {@code key.path=value} for each single value that differs. */
    private static List<String> settings(Run from, Run to) {
        List<String> settings = new ArrayList<>();
        for (var section : to.config().properties()) {
            JsonNode before = from.config().path(section.getKey());
            if (section.getValue().isObject()) {
                for (var entry : section.getValue().properties()) {
                    if (entry.getValue().isValueNode() && !entry.getValue().equals(before.path(entry.getKey()))) {
                        settings.add(section.getKey() + "." + entry.getKey() + "="
                                + entry.getValue().asString());
                    }
                }
            } else if (section.getValue().isValueNode()
                    && !section.getKey().equals("out")
                    && !section.getValue().equals(before)) {
                settings.add(section.getKey() + "=" + section.getValue().asString());
            }
        }
        return settings;
    }
}
