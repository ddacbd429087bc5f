package dev.cria.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The few figures at the top of the page. */
record Headline(String label, String value, String detail) {

    static List<Headline> of(Run run) {
        List<Headline> facts = new ArrayList<>();
        run.architecture()
                .ifPresent(a -> facts.add(
                        new Headline("Parameters", Numbers.compact(a.parameterCount()), a.layers() + " layers")));
        facts.add(new Headline("Steps", Numbers.count(run.last().step() + 1), horizon(run)));
        facts.add(new Headline("Tokens seen", Numbers.compact(run.last().tokens()), perStep(run)));
        if (!run.validation().isEmpty()) {
            double loss = run.validation().getLast().y();
            facts.add(new Headline("Validation loss", Numbers.fixed(loss, 3), bits(run, loss)));
        }
        List<Point> hellaSwag = RestartAnalysis.scores(run, Task.HELLASWAG);
        if (!hellaSwag.isEmpty()) {
            facts.add(new Headline(
                    "HellaSwag", Numbers.percent(hellaSwag.getLast().y()) + "%", "chance 25%"));
        }
        Speed speed = Speed.of(run);
        if (Double.isFinite(speed.tokensPerSecond())) {
            String mfu = Double.isFinite(speed.mfu()) ? "MFU " + Numbers.percent(speed.mfu()) + "%" : "median";
            facts.add(new Headline("Tokens a second", Numbers.compact(speed.tokensPerSecond()), mfu));
        }
        return facts;
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
