package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.generate.Completion;
import dev.cria.generate.Generator;
import dev.cria.generate.ReadingSpeed;
import dev.cria.generate.Sampling;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tune.OpenModel;
import dev.cria.weights.NamedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code cria generate}: what a model writes after a prompt. */
@Command(
        name = "generate",
        description = "Completes prompts with a model.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria generate runs/nano --prompt \"A llama is\" --max-new-tokens 40 --top-k 50 --count 3",
            "  ./cria generate runs/nano/checkpoints/step-0000300 --prompt-ids \"17 9 4\" --temperature 0"
        })
final class GenerateCommand implements Callable<Integer> {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Parameters(
            paramLabel = "MODEL",
            description = "hf://OWNER/MODEL[@REVISION], a run, a checkpoint or another Hugging Face model directory.")
    private String model = "";

    @ArgGroup(multiplicity = "1")
    private Prompts prompts = new Prompts();

    /** One of the two ways to give prompts. */
    static final class Prompts {
        @Option(
                names = "--prompt",
                arity = "1..*",
                paramLabel = "TEXT",
                parameterConsumer = Words.class,
                description = "Texts to continue; a text that begins with -- goes after a bare --.")
        private List<String> texts = List.of();

        @Option(
                names = "--prompt-ids",
                paramLabel = "\"1 2 3\"",
                description = "Token ids to continue; no tokenizer is needed.")
        private List<String> ids = List.of();
    }

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Maximum tokens per completion (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "1.0",
            description = "Sampling temperature; 0 always takes the likeliest token (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Sample from the K likeliest tokens only; 0 samples from all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1.0",
            description =
                    "Sample from the smallest set of tokens whose probability reaches P (default: ${DEFAULT-VALUE}).")
    private double topP;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1337",
            description = "Random seed; the same seed gives the same completions (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1",
            description = "Completions per prompt (default: ${DEFAULT-VALUE}).")
    private int count;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "Also write prompts, texts and token ids to FILE.")
    private Optional<Path> json = Optional.empty();

    /** A line of {@code --json}. */
    record Written(String prompt, String text, int[] ids) {}

    /** A prompt as it was given and as it is read. */
    private record Prompt(String given, int[] ids) {}

    @Override
    public Integer call() {
        var sampling = new Sampling(temperature, topK, topP);
        List<Written> written = new ArrayList<>();
        try (var open = compute.open(NamedModel.of(model, progress.progress()).path())) {
            open.warn(progress.progress());
            var generator = new Generator(open.model(), open.kernels());
            var options = open.options(maxNewTokens, sampling, seed, count);
            var speed = new ReadingSpeed();
            List<Prompt> all = read(open);
            all.forEach(prompt -> sayWhatIsLeftOut(prompt, generator));
            List<List<Completion>> completions =
                    generator.generate(all.stream().map(Prompt::ids).toList(), options, speed);
            for (int i = 0; i < all.size(); i++) {
                Prompt prompt = all.get(i);
                for (Completion completion : completions.get(i)) {
                    String text = open.tokenizer()
                            .map(t -> t.decode(completion.ids()))
                            .orElseGet(() -> spaced(completion.ids()));
                    boolean textual = prompts.ids.isEmpty();
                    System.out.println(textual ? prompt.given() + text : text);
                    written.add(new Written(prompt.given(), text, completion.ids()));
                }
            }
            progress.progress().say(speed.summary());
        }
        json.ifPresent(file -> AtomicFiles.write(file, JSON.writeValueAsString(written) + "\n"));
        return 0;
    }

    private void sayWhatIsLeftOut(Prompt prompt, Generator generator) {
        int leftOut = generator.leftOut(prompt.ids().length);
        if (leftOut > 0) {
            progress.progress()
                    .say("a prompt has %,d tokens and the model %,d positions: the first %,d tokens are left out"
                            .formatted(prompt.ids().length, generator.positions(), leftOut));
        }
    }

    private List<Prompt> read(OpenModel open) {
        if (!prompts.ids.isEmpty()) {
            return prompts.ids.stream().map(p -> new Prompt(p, ids(p))).toList();
        }
        Tokenizer tokenizer = open.requireTokenizer();
        return prompts.texts.stream()
                .map(p -> new Prompt(p, tokenizer.roles().frame().around(tokenizer.encode(p))))
                .toList();
    }

    private static int[] ids(String spaced) {
        try {
            return Arrays.stream(spaced.strip().split("[\\s,]+"))
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException e) {
            throw new RequestException(
                    "--prompt-ids \"" + spaced + "\" is not a list of token ids", "--prompt-ids \"17 9 4\"");
        }
    }

    private static String spaced(int[] ids) {
        return String.join(" ", Arrays.stream(ids).mapToObj(Integer::toString).toList());
    }
}
