package dev.cria.report;

import dev.cria.eval.Benchmark;
import dev.cria.page.Numbers;
import dev.cria.page.Point;
import dev.cria.page.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The few figures at the top of the page. */
final class Headline {
    private Headline() {}

    static List<Tile> of(Run run) {
        List<Tile> facts = new ArrayList<>();
        run.architecture()
                .ifPresent(a ->
                        facts.add(new Tile("Parameters", Numbers.compact(a.parameterCount()), a.layers() + " layers")));
        facts.add(new Tile("Steps", Numbers.count(run.last().step() + 1), horizon(run)));
        facts.add(new Tile("Tokens seen", Numbers.compact(run.last().tokens()), perStep(run)));
        if (failedLast(run)) {
            facts.add(new Tile(
                    "Validation loss",
                    "not finite",
                    "at step " + Numbers.count(run.failedValidations().getLast())));
        } else if (!run.validation().isEmpty()) {
            double loss = run.validation().getLast().y();
            facts.add(new Tile("Validation loss", Numbers.fixed(loss, 3), bits(run, loss)));
        }
        List<Point> hellaSwag = RestartAnalysis.scores(run, Benchmark.HELLASWAG);
        if (!hellaSwag.isEmpty()) {
            facts.add(new Tile("HellaSwag", Numbers.percent(hellaSwag.getLast().y()) + "%", "chance 25%"));
        }
        Speed speed = Speed.of(run);
        if (Double.isFinite(speed.tokensPerSecond())) {
            String mfu = Double.isFinite(speed.mfu()) ? "MFU " + Numbers.percent(speed.mfu()) + "%" : "median";
            facts.add(new Tile("Tokens a second", Numbers.compact(speed.tokensPerSecond()), mfu));
        }
        return facts;
    }

    private static boolean failedLast(Run run) {
        return !run.failedValidations().isEmpty()
                && (run.validation().isEmpty()
                        || run.failedValidations().getLast()
                                > run.validation().getLast().x());
    }

    private static String horizon(Run run) {
        OptionalDouble horizon = run.horizon();
        return horizon.isPresent() ? "of " + Numbers.count(horizon.getAsDouble()) : "";
    }

    private static String perStep(Run run) {
        OptionalDouble tokens = Fields.number(run.config().path("batch"), "tokens_per_step");
        return tokens.isPresent() ? Numbers.count(tokens.getAsDouble()) + " a step" : "";
    }

    private static String bits(Run run, double loss) {
        OptionalDouble bytes = run.extra(Baselines.FILE)
                .map(file -> Fields.number(file, "bytes_per_token"))
                .orElse(OptionalDouble.empty());
        return bytes.isPresent()
                ? Numbers.fixed(Baselines.bitsPerByte(loss, bytes), 3) + " bits a byte"
                : "nats a token";
    }
}
