package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.tune.Asked;
import dev.cria.tune.Comparison;
import dev.cria.tune.OpenModel;
import dev.cria.tune.PeftFiles;
import dev.cria.tune.Questions;
import dev.cria.tune.Template;
import dev.cria.weights.NamedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code cria compare}: two models, the same questions. */
@Command(
        name = "compare",
        description =
                "Writes the answers of two models side by side, and how sensitive each is to the end of the prompt.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria compare runs/nano runs/nano-tuned --out comparison.md"})
final class CompareCommand implements Callable<Integer> {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Parameters(index = "0", paramLabel = "MODEL_A", description = "Model before the change.")
    private String before = "";

    @Parameters(index = "1", paramLabel = "MODEL_B", description = "Model after it; may be a tuning run.")
    private String after = "";

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "Questions, one per line or as JSON Lines with \"prompt\" (default: the paper's two).")
    private Optional<Path> prompts = Optional.empty();

    @Option(
            names = "--template",
            paramLabel = "NAME",
            description =
                    "Prompt template: vicuna_v1.1, vicuna_v1.1_newlines or chat_template (default: the one MODEL_B was"
                            + " tuned with).")
    private Optional<String> template = Optional.empty();

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Maximum tokens per answer (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "File to write: Markdown, or JSON if the name ends in .json.")
    private Path out = Path.of("");

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Override
    public Integer call() {
        List<String> questions = prompts.map(Questions::read).orElse(Questions.OF_THE_PAPER);
        if (maxNewTokens < 1) {
            throw new RequestException("--max-new-tokens is " + maxNewTokens + ", not at least 1", "128 is usual");
        }
        List<NamedModel> models = NamedModel.ofEach(List.of(before, after), new PlainProgress(System.err));
        if (models.size() > 2) {
            throw new RequestException(
                    "two models are compared, and " + models.size() + " are named", "one revision each");
        }
        Path tuned = models.getLast().path();
        try (var a = compute.open(models.getFirst().path());
                var b = compute.open(tuned)) {
            String name = template.orElseGet(() -> Template.nameFor(PeftFiles.find(tuned), b.requireTokenizer()));
            Comparison comparison = Comparison.of(asked(before, a, name), asked(after, b, name), questions);
            boolean json = out.toString().endsWith(".json");
            AtomicFiles.write(out, json ? JSON.writeValueAsString(comparison) + "\n" : comparison.toMarkdown());
        }
        System.out.println(out);
        return 0;
    }

    private Asked asked(String model, OpenModel open, String templateName) {
        var tokenizer = open.requireTokenizer();
        return new Asked(
                model,
                new Generator(open.model(), open.kernels()),
                tokenizer,
                Template.named(templateName, tokenizer),
                open.options(maxNewTokens, Sampling.greedy(), 0, 1));
    }
}
