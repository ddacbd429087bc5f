package dev.cria.report;

import dev.cria.report.Section.Fold;
import dev.cria.report.Section.Part;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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
        return runs.stream().map(ReproduceSection::commands).collect(Collectors.joining("\n"));
    }

    private static String commands(Run run) {
        List<String> lines = new ArrayList<>();
        for (Event e : run.events()) {
            if (e.kind() == Event.Kind.RESUMED && !isOwn(run, e.from())) {
                lines.clear();
                lines.add(fork(run, e));
            } else if (e.kind() == Event.Kind.RESUMED) {
                lines.add("./cria pretrain --resume " + run.directory());
            }
        }
        if (run.events().stream().noneMatch(e -> e.kind() == Event.Kind.RESUMED && !isOwn(run, e.from()))) {
            lines.addFirst("./cria pretrain --config " + run.directory().resolve("config.yaml") + " --out "
                    + run.directory() + "-again");
        }
        return String.join("\n", lines);
    }

    /** A run's own checkpoint, and not one of the run that it was forked from. */
    private static boolean isOwn(Run run, Optional<String> from) {
        return from.map(f -> Path.of(f).toAbsolutePath().normalize())
                .map(f -> f.startsWith(run.directory().toAbsolutePath().normalize()))
                .orElse(true);
    }

    private static String fork(Run run, Event e) {
        Path parent = Optional.of(Path.of(e.from().orElseThrow()))
                .map(Path::getParent)
                .filter(directory -> directory.endsWith("checkpoints"))
                .map(Path::getParent)
                .orElse(Path.of(e.from().orElseThrow()));
        String state = e.optimizerState() == Event.OptimizerState.WITHOUT ? " --without-optimizer-state" : "";
        return "./cria pretrain --resume " + parent + " --at " + e.step() + state + " --out " + run.directory()
                + "-again";
    }
}
