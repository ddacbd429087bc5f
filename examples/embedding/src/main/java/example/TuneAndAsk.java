package example;

import dev.cria.api.Model;
import dev.cria.api.Tuner;
import java.nio.file.Path;

/** Tunes an adapter on the CPU and asks the tuned model: {@code TuneAndAsk MODEL ROWS OUT QUESTION}. */
public final class TuneAndAsk {
    private TuneAndAsk() {}

    public static void main(String[] args) {
        var tuned = Tuner.of(args[0], Path.of(args[1]), Path.of(args[2]))
                .set("device", "cpu")
                .set("schedule.steps", 20)
                .set("batch.accumulation", 1)
                .onStep(step -> System.out.printf("step %d: loss %.3f%n", step.number(), step.loss()))
                .run();
        try (var model = Model.open(tuned.run().toString())) {
            System.out.println(model.chat().ask(args[3]));
        }
    }
}
