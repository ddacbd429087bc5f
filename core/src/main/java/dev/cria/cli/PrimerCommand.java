package dev.cria.cli;

import dev.cria.primer.Primer;
import dev.cria.primer.PrimerOptions;
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
            "Writes Primer, the embedded corpus made from WordNet 3.1: documents, seven benchmarks, instructions.",
            "An addition to the commands of the contract; cria demo does the same as its first stage."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria primer --out data/primer --size full --seed 7"})
final class PrimerCommand implements Callable<Integer> {
    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where to write.")
    private Path out = Path.of("primer");

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "demo",
            description = "quick (about 1 MB), demo (7 MB) or full (over 30 MB); default ${DEFAULT-VALUE}.")
    private Size size = Size.DEMO;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1337",
            description = "Same seed, same bytes; default ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() {
        Primer.write(out, new PrimerOptions(size, seed), progress.progress());
        System.out.println(out);
        return 0;
    }
}
