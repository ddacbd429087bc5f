package dev.cria.report;

import dev.cria.report.Section.Fold;
import dev.cria.report.Section.Part;
import java.util.ArrayList;
import java.util.List;
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
            if (e.kind() == Event.Kind.STARTED) {
                lines.add(Fields.text(e.fields(), "command")
                        .orElse("./cria pretrain --config " + run.directory().resolve("config.yaml")));
            } else if (e.kind() == Event.Kind.RESUMED) {
                lines.add(Fields.text(e.fields(), "command").orElseGet(() -> resume(run, e)));
            }
        }
        return lines.isEmpty()
                ? "./cria pretrain --config " + run.directory().resolve("config.yaml")
                : String.join("\n", lines);
    }

    private static String resume(Run run, Event e) {
        StringBuilder command = new StringBuilder("./cria pretrain --resume ");
        boolean fork = run.steps().getFirst().step() >= e.step() && e.from().isPresent();
        command.append(fork ? e.from().orElseThrow() : run.directory());
        if (fork) {
            command.append(" --at ").append(e.step()).append(" --out ").append(run.directory());
        }
        return e.optimizerState() == Event.OptimizerState.WITHOUT
                ? command.append(" --without-optimizer-state").toString()
                : command.toString();
    }
}
