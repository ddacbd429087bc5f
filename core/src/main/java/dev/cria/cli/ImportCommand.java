package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.weights.ModelExport;
import dev.cria.weights.NamedModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria import}: checks a model made by another tool and writes it as Cria writes its own. */
@Command(
        name = "import",
        description =
                "Checks a Hugging Face model directory, a GGUF file or a checkpoint of the paper's code, and writes it"
                        + " in Cria's layout.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria import downloads/gpt2 --out models/gpt2"})
final class ImportCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "DIR",
            description =
                    "hf://OWNER/MODEL[@REVISION], a file NAME.gguf or NAME.pt, or a directory with config.json and"
                            + " safetensors, sharded or not.")
    private String directory = "";

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Model directory to write.")
    private Path out = Path.of("");

    @Mixin
    private UnknownKeyOption unknownKeys = new UnknownKeyOption();

    @Override
    public Integer call() {
        Progress progress = new PlainProgress(System.err);
        ModelExport.imported(NamedModel.of(directory, progress).path(), out, progress);
        System.out.println(out);
        return 0;
    }
}
