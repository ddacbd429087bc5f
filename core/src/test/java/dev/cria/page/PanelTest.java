package dev.cria.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PanelTest {
    private static Panel panel(Panel.Scale scale, Milestones milestones, Series... series) {
        return new Panel(
                "p",
                "Loss",
                "nats a token",
                "step",
                scale,
                Axis.Format.PLAIN,
                List.of(series),
                List.of(new Panel.Level("chance", 0.25, Mark.Stroke.DOTTED)),
                milestones);
    }

    private static Series series(Span... spans) {
        return new Series(
                "a",
                Ink.SERIES_1,
                Series.Style.DOTS,
                List.of(new Point(0, 0.30), new Point(1000, 0.31)),
                List.of(spans));
    }

    private static PanelPainter.Painted paint(Panel panel) {
        return PanelPainter.paint(panel, Figure.WIDE, Figure.PANEL_HEIGHT);
    }

    private static Stream<Mark.Words> words(PanelPainter.Painted painted) {
        return painted.marks().stream().filter(Mark.Words.class::isInstance).map(Mark.Words.class::cast);
    }

    @Test
    void numbersStandOverTheirOwnStepsInWhateverOrderRunsHaveThem() {
        var milestones = new Milestones(
                List.of(
                        new Milestones.Numbered(1, 800, "first run", Ink.SERIES_1),
                        new Milestones.Numbered(2, 200, "second run", Ink.SERIES_2),
                        new Milestones.Numbered(3, 201, "third run", Ink.SERIES_3)),
                List.of(),
                List.of(),
                List.of());
        PanelPainter.Painted painted = paint(panel(Panel.Scale.LINEAR, milestones, series()));
        double pixels = (painted.right() - painted.left()) / 1000;

        assertThat(words(painted).filter(w -> w.weight() == Mark.Weight.BOLD && w.size() == 11))
                .extracting(Mark.Words::text, w -> (double) Math.round((w.at().x() - painted.left()) / pixels))
                .containsExactly(tuple("2, 3", 201.0), tuple("1", 800.0));
    }

    @Test
    void logarithmicAxesSaySo() {
        assertThat(words(paint(panel(Panel.Scale.LOG, Milestones.NONE, series())))
                        .map(Mark.Words::text))
                .contains("nats a token, logarithmic axis");
        assertThat(words(paint(panel(Panel.Scale.LINEAR, Milestones.NONE, series())))
                        .map(Mark.Words::text))
                .contains("nats a token");
        assertThat(panel(Panel.Scale.LOG, Milestones.NONE, series()).inWords()).contains("logarithmic axis");
    }

    @Test
    void axisOfAShareIsNotZoomedIntoNoiseAndHoldsChanceAndErrorBars() {
        Axis narrow = panel(Panel.Scale.SHARE, Milestones.NONE, series()).yAxis();
        assertThat(narrow.to() - narrow.from()).isCloseTo(0.2, within(1e-9));
        assertThat(narrow.from()).isLessThan(0.25);

        Axis wide = panel(Panel.Scale.SHARE, Milestones.NONE, series(Span.of(new Point(0, 0.30), 0.1)))
                .yAxis();
        assertThat(wide.from()).isLessThan(0.30 - 0.196);
        assertThat(wide.to()).isGreaterThan(0.30 + 0.196);
    }

    @Test
    void errorBarsReach196StandardErrorsToEitherSide() {
        var painted = paint(panel(Panel.Scale.SHARE, Milestones.NONE, series(Span.of(new Point(1000, 0.31), 0.02))));
        double pixels = (painted.bottom() - painted.top())
                / (painted.y().to() - painted.y().from());

        assertThat(painted.marks().stream()
                        .filter(m -> m instanceof Mark.Path p
                                && p.points().size() == 2
                                && p.points().getFirst().x()
                                        == p.points().getLast().x()
                                && p.ink() == Ink.SERIES_1)
                        .map(m -> ((Mark.Path) m).points()))
                .singleElement()
                .satisfies(bar -> assertThat(
                                Math.abs(bar.getFirst().y() - bar.getLast().y()))
                        .isCloseTo(2 * 1.96 * 0.02 * pixels, within(1e-6)));
    }
}
