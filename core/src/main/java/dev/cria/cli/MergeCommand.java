package dev.cria.cli;

import dev.cria.tune.Merge;
import dev.cria.weights.NamedModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria merge}: an adapter and its base become one plain model. */
@Command(
        name = "merge",
        description = "Merges an adapter into its model, W + (alpha/rank)·B·A, and writes a plain model directory.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria merge runs/tuned/adapter --model runs/nano --out models/nano-chat"})
final class MergeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ADAPTER_DIR", description = "Adapter in PEFT's layout, such as RUN/adapter.")
    private String adapter = "";

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model the adapter was made for.")
    private String model = "";

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Model directory to write.")
    private Path out = Path.of("");

    @Mixin
    private UnknownKeyOption unknownKeys = new UnknownKeyOption();

    @Override
    public Integer call() {
        var progress = new PlainProgress(System.err);
        Path base = NamedModel.of(model, progress).path();
        Merge.merge(NamedModel.of(adapter, progress).path(), base, out);
        System.out.println(out);
        return 0;
    }
}
