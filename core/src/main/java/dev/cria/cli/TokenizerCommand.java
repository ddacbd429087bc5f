package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.source.Reading;
import dev.cria.data.source.Sources;
import dev.cria.data.source.Texts;
import dev.cria.format.hub.Hub;
import dev.cria.tokenizer.BpeTrainer;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.TokenizerPipe;
import dev.cria.tokenizer.TokenizerPipe.Literals;
import dev.cria.tokenizer.Tokenizers;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria tokenizer}: byte-level BPE, trained and used. */
@Command(
        name = "tokenizer",
        description = "Trains byte-level BPE tokenizers, and encodes and decodes with them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "  echo Hello world | ./cria tokenizer encode"},
        subcommands = {
            TokenizerCommand.Train.class,
            TokenizerCommand.Encode.class,
            TokenizerCommand.Decode.class,
            TokenizerCommand.Info.class
        })
final class TokenizerCommand {

    @Command(
            name = "train",
            description = "Trains a byte-level BPE tokenizer and writes a tokenizer.json as Hugging Face's.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  ./cria tokenizer train data/*.jsonl --vocab-size 4096 --out tokenizers/mine"})
    static final class Train implements Callable<Integer> {
        @Parameters(
                paramLabel = "INPUT",
                arity = "1..*",
                description =
                        "Text files, one text each; JSON Lines, also compressed; Parquet; or directories or globs of"
                                + " these.")
        private List<String> inputs = List.of();

        @Option(
                names = "--vocab-size",
                required = true,
                paramLabel = "N",
                description = "Size of the vocabulary: 256 bytes, the merges, and <|endoftext|> as the last id, N - 1.")
        private int vocabularySize;

        @Option(
                names = "--out",
                required = true,
                paramLabel = "DIR",
                description = "Directory to write tokenizer.json to.")
        private Path out = Path.of("");

        @Mixin
        private TextFieldOption textField = new TextFieldOption();

        @Mixin
        private ProgressOptions progress = new ProgressOptions();

        @Override
        public Integer call() {
            Progress shown = progress.progress();
            Sources sources = Sources.find(inputs, Reading.of(textField.name()), Hub.ofEnvironment(shown));
            try (Stream<String> texts = Texts.of(sources)) {
                Tokenizer trained = BpeTrainer.train(texts, vocabularySize, shown);
                Tokenizers.save(trained, out).forEach(System.out::println);
            }
            return 0;
        }
    }

    @Command(
            name = "encode",
            description = "Reads a text from standard input and prints its token ids.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  echo '{\"text\": \"Hello world\"}' | ./cria tokenizer encode --jsonl"})
    static final class Encode implements Callable<Integer> {
        @Mixin
        private Choice choice = new Choice();

        @Option(
                names = "--special",
                description = "Encode the literals of special tokens, such as <|endoftext|>, as those tokens.")
        private boolean special;

        @Override
        public Integer call() throws IOException {
            TokenizerPipe pipe = choice.pipe(special ? Literals.SPECIAL_TOKENS : Literals.ORDINARY_TEXT);
            return choice.run(pipe::encode, pipe::encodeLines);
        }
    }

    @Command(
            name = "decode",
            description = "Reads token ids from standard input and prints their text.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  echo 15496 995 | ./cria tokenizer decode"})
    static final class Decode implements Callable<Integer> {
        @Mixin
        private Choice choice = new Choice();

        @Option(names = "--special", description = "Has no effect here; special tokens are always printed.")
        private boolean special;

        @Override
        public Integer call() throws IOException {
            TokenizerPipe pipe = choice.pipe(special ? Literals.SPECIAL_TOKENS : Literals.ORDINARY_TEXT);
            return choice.run(pipe::decode, pipe::decodeLines);
        }
    }

    @Command(
            name = "info",
            description = "Prints a tokenizer's size, special tokens and fingerprint.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  ./cria tokenizer info gpt2",
                "  ./cria tokenizer info runs/nano/checkpoints/step-0001000"
            })
    static final class Info implements Callable<Integer> {
        @Parameters(
                arity = "0..1",
                paramLabel = "gpt2|DIR",
                description = "gpt2, or a directory that holds tokenizer.json (default: gpt2).")
        private Optional<String> named = Optional.empty();

        @Option(names = "--tokenizer", paramLabel = "gpt2|DIR", description = "The same, spelled as in other commands.")
        private Optional<String> option = Optional.empty();

        @Override
        public Integer call() {
            if (named.isPresent() && option.isPresent()) {
                throw new RequestException(
                        "two tokenizers are named: " + named.get() + " and " + option.get(),
                        "./cria tokenizer info " + named.get());
            }
            System.out.print(
                    Tokenizers.describe(Tokenizers.named(named.or(() -> option).orElse("gpt2"))));
            return 0;
        }
    }

    /** Which tokenizer, and in which form texts come and go. */
    static final class Choice {
        @Option(
                names = "--tokenizer",
                paramLabel = "gpt2|DIR",
                defaultValue = "gpt2",
                description = "gpt2, or a directory that holds tokenizer.json (default: ${DEFAULT-VALUE}).")
        private String tokenizer = "gpt2";

        @Option(
                names = "--jsonl",
                description = "Read and write JSON Lines: {\"text\": ...} on one side, {\"ids\": [...]} on the other.")
        private boolean jsonLines;

        @Mixin
        private UnknownKeyOption unknownKeys = new UnknownKeyOption();

        TokenizerPipe pipe(Literals literals) {
            return new TokenizerPipe(Tokenizers.named(tokenizer), literals);
        }

        int run(Flow whole, Flow lines) throws IOException {
            var out = new BufferedOutputStream(System.out, 1 << 16);
            (jsonLines ? lines : whole).run(new BufferedInputStream(System.in, 1 << 16), out);
            return 0;
        }
    }

    private interface Flow {
        void run(InputStream in, OutputStream out) throws IOException;
    }
}
