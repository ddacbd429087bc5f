package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.GgufWriter;
import dev.cria.tensor.DType;
import dev.cria.weights.GgufExport;
import dev.cria.weights.ModelExport;
import dev.cria.weights.ModelExport.Vocabulary;
import dev.cria.weights.NamedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria export}: a model for other programs. */
@Command(
        name = "export",
        description =
                "Writes a model as a Hugging Face directory or a GGUF file, without the padding of its vocabulary.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria export runs/nano --out models/nano --dtype bf16",
            "  ./cria export runs/nano --out models/nano-gguf --format gguf --dtype q8_0"
        })
final class ExportCommand implements Callable<Integer> {

    enum Format {
        HF,
        GGUF
    }

    enum Stored {
        FP32,
        BF16,
        FP16,
        Q8_0
    }

    @Parameters(
            paramLabel = "RUN|CHECKPOINT|MODEL",
            description = "hf://OWNER/MODEL[@REVISION], a run, a checkpoint or a model directory.")
    private String model = "";

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Directory to write, or for GGUF a file NAME.gguf.")
    private Path out = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "hf|gguf",
            defaultValue = "hf",
            description = "hf is a directory with config.json, safetensors and tokenizer; gguf is one file (default:"
                    + " ${DEFAULT-VALUE}).")
    private Format format = Format.HF;

    @Option(
            names = "--dtype",
            paramLabel = "fp32|bf16|fp16|q8_0",
            description = "Type of the weights; q8_0 is for GGUF only (default: unchanged; for GGUF fp16).")
    private Optional<Stored> dtype = Optional.empty();

    @Option(
            names = "--trim-vocab",
            paramLabel = "N",
            description = "Number of token ids to keep (default: the tokenizer's size).")
    private Optional<Integer> trim = Optional.empty();

    @Mixin
    private UnknownKeyOption unknownKeys = new UnknownKeyOption();

    @Override
    public Integer call() {
        Vocabulary vocabulary = trim.<Vocabulary>map(Vocabulary.First::new).orElseGet(Vocabulary.OfTokenizer::new);
        System.out.println(
                switch (format) {
                    case HF -> huggingFace(vocabulary);
                    case GGUF -> gguf(vocabulary);
                });
        return 0;
    }

    private Path source() {
        return NamedModel.of(model, new PlainProgress(System.err)).path();
    }

    private Path huggingFace(Vocabulary vocabulary) {
        Optional<DType> type = dtype.map(stored -> switch (stored) {
            case FP32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
            case FP16 -> DType.FLOAT16;
            case Q8_0 -> throw new RequestException("q8_0 is a type of GGUF files", "--format gguf --dtype q8_0");
        });
        ModelExport.toHuggingFace(source(), out, type, vocabulary);
        return out;
    }

    private Path gguf(Vocabulary vocabulary) {
        Stored stored = dtype.orElse(Stored.FP16);
        GgufWriter.Type type =
                switch (stored) {
                    case FP32 -> GgufWriter.Type.F32;
                    case BF16 -> GgufWriter.Type.BF16;
                    case FP16 -> GgufWriter.Type.F16;
                    case Q8_0 -> GgufWriter.Type.Q8_0;
                };
        String name = "model-" + type.name().toLowerCase(Locale.ROOT) + ".gguf";
        Path file = out.toString().endsWith(".gguf") ? out : out.resolve(name);
        if (Files.exists(file)) {
            throw new RequestException(file + " already exists", "choose another --out, or remove it");
        }
        GgufExport.write(source(), file, type, vocabulary);
        return file;
    }
}
