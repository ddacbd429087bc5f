package dev.cria.cli;

import dev.cria.model.ModelExport;
import dev.cria.model.ModelExport.Vocabulary;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria import}: checks a model of elsewhere and writes it as Cria writes its own. */
@Command(
        name = "import",
        description = "Checks a Hugging Face model directory, LLaMA or GPT-2, and writes it as Cria writes its own.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria import downloads/gpt2 --out models/gpt2"})
final class ImportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "A directory with config.json and safetensors, sharded or not.")
    private Path directory = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The model directory to write.")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        ModelExport.toHuggingFace(directory, out, Optional.empty(), new Vocabulary.All());
        System.out.println(out);
        return 0;
    }
}
