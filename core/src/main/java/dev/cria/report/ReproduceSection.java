package dev.cria.report;

import dev.cria.page.Section;
import dev.cria.page.Section.Fold;
import dev.cria.page.Section.Part;
import dev.cria.run.Event;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** How to make the run again: commands, environment, the whole configuration. */
final class ReproduceSection {
    private ReproduceSection() {}

    static Section of(List<Run> runs) {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part.Code("Commands", commands(runs), Fold.OPEN));
        runs.getFirst().events().stream()
                .filter(e -> e.begun().isPresent())
                .findFirst()
                .ifPresent(start -> JsonTables.of("environment", "Environment", JsonFiles.tree(start.details()))
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
            if (e instanceof Event.Resumed fork && !isOwn(run, fork)) {
                lines.clear();
                lines.add(fork(run, fork, runs));
            } else if (e instanceof Event.Resumed) {
                lines.add("./cria " + command + " --resume " + run.directory());
            }
        }
        if (run.events(Event.Resumed.class).stream().allMatch(resume -> isOwn(run, resume))) {
            lines.addFirst("./cria " + command + " --config " + run.directory().resolve("config.yaml") + " --out "
                    + run.directory() + "-again");
        }
        return String.join("\n", lines);
    }

    /** From a run's own checkpoint, and not from one of the run that it was forked from. */
    private static boolean isOwn(Run run, Event.Resumed resume) {
        return resume.checkpoint().map(run::holds).orElse(true);
    }

    /** With all that the fork has otherwise than its parent. */
    private static String fork(Run run, Event.Resumed e, List<Run> runs) {
        Path parent = Optional.of(Path.of(e.from()))
                .map(Path::getParent)
                .filter(directory -> directory.endsWith("checkpoints"))
                .map(Path::getParent)
                .orElse(Path.of(e.from()));
        StringBuilder command = new StringBuilder("./cria ");
        int ranks = e.segment().ranks();
        command.append(ranks > 1 ? "launch --nproc-per-node " + ranks + " " : "");
        command.append("pretrain --resume ").append(parent).append(" --at ").append(e.step());
        end(run).ifPresent(step -> command.append(" --until ").append(step));
        command.append(e.optimizerState() == Event.OptimizerState.WITHOUT ? " --without-optimizer-state" : "");
        runs.stream().filter(r -> r != run && r.holds(e.from())).findFirst().ifPresent(of -> Settings.differing(of, run)
                .forEach(s -> command.append(" --set ").append(s.assignment())));
        return command.append(" --out ")
                .append(run.directory())
                .append("-again")
                .toString();
    }

    /** The step that a run ended at, if its schedule goes on. */
    private static OptionalLong end(Run run) {
        return run.events().stream()
                .filter(e -> e instanceof Event.Finished || e instanceof Event.Interrupted)
                .mapToLong(Event::step)
                .filter(step -> step < run.horizon().orElse(step))
                .findFirst();
    }
}
