package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.demo.Demo;
import dev.cria.demo.Demo.Length;
import dev.cria.parallel.Launched;
import dev.cria.train.Interruption;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole story on the embedded corpus. */
@Command(
        name = "demo",
        description = {
            "Trains a small LLaMA from raw text, offline, through every stage.",
            "The stages are corpus, tokenizer, shards, pretraining, benchmarks, restarts, instruction tuning and"
                    + " report."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria demo --quick --out /tmp/demo"})
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "demo",
            description = "Directory for everything (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("demo");

    @Option(names = "--quick", description = "Run a shorter demo with a smaller model, 90 seconds on two cores.")
    private boolean quick;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1337",
            description = "Random seed; the same seed and steps give the same numbers on the same machine (default:"
                    + " ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps of pretraining (default: as many as there is time for).")
    private @Nullable Integer steps;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        Progress progress = display.progress();
        var demo = new Demo(
                out,
                quick ? Length.QUICK : Length.FULL,
                seed,
                steps == null ? OptionalInt.empty() : OptionalInt.of(steps),
                Main.class,
                progress,
                Interruption.bySignals(progress, Launched.from(System.getenv()).parent()));
        return demo.run()
                .map(page -> {
                    System.out.println(page.text());
                    return 0;
                })
                .orElse(TrainingOptions.INTERRUPTED);
    }
}
