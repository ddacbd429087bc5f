package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.data.source.Sources;
import dev.cria.data.source.Texts;
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
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria tokenizer}: byte-level BPE, trained and used. */
@Command(
        name = "tokenizer",
        description = "Trains byte-level BPE tokenizers, encodes and decodes with them.",
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
            description = "Trains a byte-level BPE on texts and writes it as Hugging Face's tokenizer.json.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  ./cria tokenizer train data/*.jsonl --vocab-size 4096 --out tokenizers/mine"})
    static final class Train implements Callable<Integer> {
        @Parameters(
                paramLabel = "INPUT",
                arity = "1..*",
                description =
                        "Text files, one text each, .jsonl(.gz, .zst) or .parquet, or directories or globs of them.")
        private List<String> inputs = List.of();

        @Option(
                names = "--vocab-size",
                required = true,
                paramLabel = "N",
                description = "Tokens in all: 256 bytes, the merges, and <|endoftext|> as the last id, N - 1.")
        private int vocabularySize;

        @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where tokenizer.json goes.")
        private Path out = Path.of("");

        @Option(
                names = "--text-field",
                paramLabel = "NAME",
                defaultValue = "text",
                description = "The key or column that holds the text (default: ${DEFAULT-VALUE}).")
        private String textField = "text";

        @Mixin
        private ProgressOptions progress = new ProgressOptions();

        @Override
        public Integer call() {
            Progress shown = progress.progress();
            Sources sources = Sources.find(inputs, textField, HubAccess.open(shown));
            try (Stream<String> texts = Texts.of(sources)) {
                Tokenizer trained = BpeTrainer.train(texts, vocabularySize, shown);
                Tokenizers.save(trained, out).forEach(System.out::println);
            }
            return 0;
        }
    }

    @Command(
            name = "encode",
            description = "Reads standard input as one text, or a text a line, and prints its ids.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  echo '{\"text\": \"Hello world\"}' | ./cria tokenizer encode --jsonl"})
    static final class Encode implements Callable<Integer> {
        @Mixin
        private Choice choice = new Choice();

        @Option(
                names = "--special",
                description = "The literals of special tokens, such as <|endoftext|>, become their ids.")
        private boolean special;

        @Override
        public Integer call() throws IOException {
            TokenizerPipe pipe = choice.pipe(special ? Literals.SPECIAL_TOKENS : Literals.ORDINARY_TEXT);
            return choice.run(pipe::encode, pipe::encodeLines);
        }
    }

    @Command(
            name = "decode",
            description = "Reads ids from standard input, between spaces or a list a line, and prints their text.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  echo 15496 995 | ./cria tokenizer decode"})
    static final class Decode implements Callable<Integer> {
        @Mixin
        private Choice choice = new Choice();

        @Option(names = "--special", description = "Changes nothing here: special tokens are always printed.")
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
            footer = {"", "Example:", "  ./cria tokenizer info --tokenizer runs/mine/checkpoints/step-0040000"})
    static final class Info implements Callable<Integer> {
        @Option(
                names = "--tokenizer",
                paramLabel = "gpt2|DIR",
                defaultValue = "gpt2",
                description = "gpt2, or a directory with tokenizer.json (default: ${DEFAULT-VALUE}).")
        private String tokenizer = "gpt2";

        @Override
        public Integer call() {
            System.out.print(Tokenizers.describe(Tokenizers.named(tokenizer)));
            return 0;
        }
    }

    /** Which tokenizer, and in which form texts come and go. */
    static final class Choice {
        @Option(
                names = "--tokenizer",
                paramLabel = "gpt2|DIR",
                defaultValue = "gpt2",
                description = "gpt2, or a directory with tokenizer.json (default: ${DEFAULT-VALUE}).")
        private String tokenizer = "gpt2";

        @Option(
                names = "--jsonl",
                description = "A line of JSON for each text: {\"text\": ...} one way, {\"ids\": [...]} the other.")
        private boolean jsonLines;

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
