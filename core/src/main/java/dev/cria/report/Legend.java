package dev.cria.report;

import dev.cria.page.Figure;
import dev.cria.page.Ink;
import dev.cria.page.Point;
import dev.cria.page.Series;
import dev.cria.page.Span;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** One colour a run, the same in every figure of the page. */
final class Legend {
    private Legend() {}

    static List<Figure.Key> of(List<Run> runs) {
        return IntStream.range(0, runs.size())
                .mapToObj(i -> new Figure.Key(runs.get(i).name(), Ink.series(i), Series.Style.LINE))
                .toList();
    }

    static List<Series> each(List<Run> runs, Series.Style style, Function<Run, List<Point>> points) {
        return each(runs, style, points, _ -> List.of());
    }

    static List<Series> each(
            List<Run> runs, Series.Style style, Function<Run, List<Point>> points, Function<Run, List<Span>> spans) {
        return IntStream.range(0, runs.size())
                .mapToObj(i -> new Series(
                        runs.get(i).name(), Ink.series(i), style, points.apply(runs.get(i)), spans.apply(runs.get(i))))
                .toList();
    }
}
