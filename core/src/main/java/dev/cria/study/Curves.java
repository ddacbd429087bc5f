package dev.cria.study;

import dev.cria.eval.Benchmark;
import dev.cria.page.Axis;
import dev.cria.page.Figure;
import dev.cria.page.Ink;
import dev.cria.page.Mark;
import dev.cria.page.Milestones;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Series;
import dev.cria.page.Span;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A figure with a panel for each benchmark and a colour for each run. */
record Curves(String id, String title, String xTitle) {

    static Curves of(String id, String title, String xTitle) {
        return new Curves(id, title, xTitle);
    }

    /** Proportions, with what guessing reaches. */
    Figure accuracy(List<StudiedRun> runs, Function<StudiedRun, Function<Benchmark, List<Point>>> points) {
        return accuracy(runs, points, _ -> _ -> List.of());
    }

    Figure accuracy(
            List<StudiedRun> runs,
            Function<StudiedRun, Function<Benchmark, List<Point>>> points,
            Function<StudiedRun, Function<Benchmark, List<Span>>> spans) {
        return figure(
                runs,
                benchmark -> new Panel(
                        benchmark.id(),
                        benchmark.title(),
                        "accuracy in per cent",
                        xTitle,
                        Panel.Scale.SHARE,
                        Axis.Format.PERCENT,
                        series(runs, benchmark, points, spans),
                        List.of(new Panel.Level("chance", benchmark.chance(), Mark.Stroke.DOTTED)),
                        Milestones.NONE));
    }

    Figure plain(
            List<StudiedRun> runs,
            Function<StudiedRun, Function<Benchmark, List<Point>>> points,
            String unit,
            Axis.Format format) {
        return figure(
                runs,
                benchmark -> new Panel(
                        benchmark.id(),
                        benchmark.title(),
                        unit,
                        xTitle,
                        Panel.Scale.LINEAR,
                        format,
                        series(runs, benchmark, points, _ -> _ -> List.of()),
                        List.of(),
                        Milestones.NONE));
    }

    private Figure figure(List<StudiedRun> runs, Function<Benchmark, Panel> panel) {
        return new Figure(
                id,
                title,
                "",
                legend(runs),
                StudiedRun.benchmarks(runs).stream().map(panel).toList());
    }

    static List<Figure.Key> legend(List<StudiedRun> runs) {
        return IntStream.range(0, runs.size())
                .mapToObj(i -> new Figure.Key(runs.get(i).name(), Ink.series(i), Series.Style.LINE))
                .toList();
    }

    private static List<Series> series(
            List<StudiedRun> runs,
            Benchmark benchmark,
            Function<StudiedRun, Function<Benchmark, List<Point>>> points,
            Function<StudiedRun, Function<Benchmark, List<Span>>> spans) {
        return IntStream.range(0, runs.size())
                .mapToObj(i -> new Series(
                        runs.get(i).name(),
                        Ink.series(i),
                        Series.Style.DOTS,
                        points.apply(runs.get(i)).apply(benchmark),
                        spans.apply(runs.get(i)).apply(benchmark)))
                .toList();
    }
}
