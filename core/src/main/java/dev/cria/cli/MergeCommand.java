package dev.cria.cli;

import dev.cria.tune.Merge;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria merge}: an adapter and its base become one plain model. */
@Command(
        name = "merge",
        description = "Adds an adapter's W + (alpha/rank)·B·A into a plain model directory.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria merge runs/tuned/adapter --model runs/nano --out models/nano-chat"})
final class MergeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ADAPTER_DIR", description = "An adapter in PEFT's layout, such as RUN/adapter.")
    private Path adapter = Path.of("");

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model that it was made for.")
    private Path model = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The model directory to write.")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        Merge.merge(adapter, model, out);
        System.out.println(out);
        return 0;
    }
}
