package dev.cria.report;

import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import java.util.List;
import java.util.OptionalDouble;

/** Throughput, and MFU with each term of its formula. */
final class SpeedSection {
    private SpeedSection() {}

    static Section of(List<Run> runs) {
        Table.Builder table = Table.titled(
                "speed",
                "Throughput and MFU",
                "Run",
                "Tokens a second",
                "FLOPs a token",
                "Achieved GFLOP/s",
                "Peak GFLOP/s",
                "MFU, per cent",
                "Tokens",
                "Training time");
        for (Run run : runs) {
            Speed speed = Speed.of(run);
            OptionalDouble flops = speed.flopsPerToken();
            double peak = speed.peak().orElse(Double.NaN) / 1e9;
            double achieved = flops.orElse(Double.NaN) * speed.tokensPerSecond() / 1e9;
            table.row(
                    Cell.of(run.name()),
                    Cell.count(speed.tokensPerSecond()),
                    Cell.of(flops, Numbers::compact),
                    Cell.of(achieved, Numbers.significant(achieved, 4)),
                    Cell.of(peak, Numbers.significant(peak, 4)),
                    Cell.percent(speed.mfu()),
                    Cell.of(run.last().tokens(), Numbers.compact(run.last().tokens())),
                    Cell.of(
                            run.last().elapsedSeconds(),
                            Numbers.duration(run.last().elapsedSeconds())));
        }
        String source = Speed.of(runs.getFirst())
                .peakSource()
                .map(s -> " Peak: " + s + ".")
                .orElse("");
        table.note(
                "MFU = FLOPs a token · tokens a second ÷ peak; FLOPs a token = 6 · parameters in matrix products + 12 ·"
                        + " layers · hidden · sequence. Medians over all steps but the first tenth." + source);
        return new Section(
                "speed",
                "Speed",
                "Each figure with the terms it is made of, so that it can be checked.",
                List.of(new Part.Grid(table.build())),
                "metrics.jsonl");
    }
}
