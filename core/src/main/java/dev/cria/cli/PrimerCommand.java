package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.primer.Primer;
import dev.cria.primer.PrimerOptions;
import dev.cria.primer.PrimerOptions.Planting;
import dev.cria.primer.PrimerOptions.Size;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria primer}: writes the embedded corpus. */
@Command(
        name = "primer",
        description = {
            "Writes Primer, the built-in corpus made from WordNet 3.1: documents, seven benchmarks, instructions.",
            "It is what demo trains on; docs/primer.md describes it."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria primer --out data/primer --size full --seed 7",
            "  ./cria primer --out data/planted --size quick --plant 100"
        })
final class PrimerCommand implements Callable<Integer> {
    private static final int MOST_PLANTS = 2000;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Directory to write.")
    private Path out = Path.of("primer");

    @Option(
            names = "--size",
            paramLabel = "quick|demo|full",
            defaultValue = "demo",
            description = "quick (about 1 MB), demo (7 MB) or full (over 30 MB) (default: ${DEFAULT-VALUE}).")
    private Size size = Size.DEMO;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1337",
            description = "Random seed; the same seed gives the same bytes (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--plant",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Also plant N facts on things that don't exist at known places: most told from a place on, some a"
                            + " number of times and never again, a fifth never; planted.jsonl says which, and planted/"
                            + " asks about them (default: ${DEFAULT-VALUE}).")
    private int plants;

    @Option(
            names = "--plant-times",
            paramLabel = "N",
            defaultValue = "12",
            description =
                    "How often a planted fact is told that is told a number of times (default: ${DEFAULT-VALUE}).")
    private int times = 12;

    @Option(
            names = "--plant-rate",
            paramLabel = "N",
            defaultValue = "160",
            description =
                    "Tellings of one planted fact in a whole corpus, if it were told from the beginning on (default:"
                            + " ${DEFAULT-VALUE}).")
    private int rate = 160;

    @Option(
            names = "--plant-practice",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tell N more such facts from the beginning to the end, and never ask about them: from these a"
                    + " model learns how such facts are told, and of the others the fact alone (default:"
                    + " ${DEFAULT-VALUE}).")
    private int practice;

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() {
        if (plants < 0 || practice < 0 || (long) plants + practice > MOST_PLANTS || times < 1 || rate < 1) {
            throw new RequestException(
                    "--plant is %d, --plant-practice %d, --plant-times %d and --plant-rate %d; up to %d facts can be planted, each told once or more"
                            .formatted(plants, practice, times, rate, MOST_PLANTS),
                    "--plant 100 --plant-times 12 --plant-rate 160");
        }
        Planting planting = new Planting(plants, times, rate, practice);
        Primer.write(out, new PrimerOptions(size, seed, planting), progress.progress());
        System.out.println(out);
        return 0;
    }
}
