package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.ShardManifest;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.EduScore;
import dev.cria.data.filter.FilterChain;
import dev.cria.data.filter.FilterFile;
import dev.cria.data.filter.LinearClassifier;
import dev.cria.data.prepare.BadRows;
import dev.cria.data.prepare.Contamination;
import dev.cria.data.prepare.Prepare;
import dev.cria.data.prepare.PrepareRequest;
import dev.cria.data.source.Sources;
import dev.cria.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria prepare}: raw text to token shards. */
@Command(
        name = "prepare",
        description = "Turns raw text into token shards: filtered, deduplicated, tokenised. Goes on where it was"
                + " interrupted; the same input gives the same bytes.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria prepare book.txt --out data/book",
            "  ./cria prepare 'dumps/*.parquet' --out data/edu --filters fineweb --dedup minhash --report report.html",
            "  ./cria prepare hf://datasets/HuggingFaceFW/fineweb-edu/sample/10BT --out data/fineweb-edu"
        })
final class PrepareCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "INPUT",
            description =
                    "Files (.parquet, .jsonl, .jsonl.gz, .jsonl.zst; any other is one text), directories, globs, or"
                            + " hf://datasets/OWNER/NAME[/SUBDIR].")
    private List<String> inputs = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the shards go.")
    private Path out = Path.of("");

    @Option(
            names = "--tokenizer",
            defaultValue = "gpt2",
            paramLabel = "gpt2|DIR",
            description = "GPT-2's, or a directory with tokenizer.json. Default: ${DEFAULT-VALUE}.")
    private String tokenizer = "gpt2";

    @Option(
            names = "--prefix",
            defaultValue = "shard",
            paramLabel = "P",
            description = "Begins the shards' names. Default: ${DEFAULT-VALUE}.")
    private String prefix = "shard";

    @Option(
            names = "--shard-tokens",
            defaultValue = "100000000",
            paramLabel = "N",
            description = "Most tokens in a shard. Default: ${DEFAULT-VALUE}.")
    private long shardTokens;

    @Option(
            names = "--text-field",
            defaultValue = "text",
            paramLabel = "NAME",
            description = "The column or key with the text. Default: ${DEFAULT-VALUE}.")
    private String textField = "text";

    @Option(
            names = "--filters",
            defaultValue = "none",
            paramLabel = "none|fineweb|FILE",
            description = "Which documents stay; FILE is a pipeline in YAML. Default: ${DEFAULT-VALUE}.")
    private String filters = "none";

    @Option(
            names = "--dedup",
            defaultValue = "none",
            paramLabel = "none|exact|minhash",
            description = "Of documents that say the same the first stays. Default: ${DEFAULT-VALUE}.")
    private Dedup dedup = Dedup.NONE;

    @Option(
            names = "--dedup-scope",
            defaultValue = "global",
            paramLabel = "global|dump",
            description = "Among all documents, or within each snapshot (column dump). Default: ${DEFAULT-VALUE}.")
    private Dedup.Scope scope = Dedup.Scope.GLOBAL;

    @Option(
            names = "--min-edu-score",
            paramLabel = "X",
            description = "Keep documents with this educational score or more: the column score, or --classifier's.")
    private Optional<Double> minEduScore = Optional.empty();

    @Option(
            names = "--classifier",
            paramLabel = "FILE",
            description = "Scores raw text for --min-edu-score; made by: cria classifier train.")
    private Optional<Path> classifier = Optional.empty();

    @Option(
            names = "--benchmarks",
            paramLabel = "DIR",
            description = "Count documents that share 13 words in a row with these benchmark files (.jsonl, .parquet).")
    private Optional<Path> benchmarks = Optional.empty();

    @Option(names = "--drop-contaminated", description = "Drop the documents that --benchmarks finds.")
    private boolean dropContaminated;

    @Option(names = "--workers", paramLabel = "N", description = "Threads. Default: one a core.")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--shuffle-documents",
            paramLabel = "SEED",
            description = "Shuffle the documents; by default they stay in the order of the input.")
    private Optional<Long> shuffleSeed = Optional.empty();

    @Option(names = "--skip-bad", description = "Count rows and files that cannot be read, and go on.")
    private boolean skipBad;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write what was kept and dropped and why, as FILE.html and FILE.json.")
    private Optional<Path> report = Optional.empty();

    @Option(
            names = "--decisions",
            paramLabel = "FILE",
            description = "Write a JSON line for each document: source, row, id, kept, reason.")
    private Optional<Path> decisions = Optional.empty();

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() {
        Progress shown = progress.progress();
        ShardManifest manifest = Prepare.run(request(shown), shown);
        System.out.println(summary(manifest));
        return 0;
    }

    private PrepareRequest request(Progress shown) {
        return new PrepareRequest(
                Sources.find(inputs, textField, HubAccess.open(shown)),
                out,
                Tokenizers.named(tokenizer),
                tokenizer,
                prefix,
                shardTokens,
                filterChain(),
                dedup,
                scope,
                workers.orElse(Runtime.getRuntime().availableProcessors()),
                shuffleSeed.map(OptionalLong::of).orElse(OptionalLong.empty()),
                skipBad ? BadRows.SKIP : BadRows.REFUSE,
                contamination(),
                report,
                decisions);
    }

    private FilterChain filterChain() {
        FilterChain chain = FilterFile.named(filters);
        if (minEduScore.isEmpty()) {
            if (classifier.isPresent()) {
                throw new RequestException("--classifier without --min-edu-score", "--min-edu-score 3");
            }
            return chain;
        }
        return chain.and(new EduScore(minEduScore.get(), classifier.map(LinearClassifier::read)));
    }

    private Optional<Contamination> contamination() {
        if (benchmarks.isEmpty() && dropContaminated) {
            throw new RequestException("--drop-contaminated without --benchmarks", "--benchmarks DIR");
        }
        Contamination.Policy policy = dropContaminated ? Contamination.Policy.DROP : Contamination.Policy.COUNT;
        return benchmarks.map(directory -> Contamination.of(directory, policy));
    }

    private String summary(ShardManifest manifest) {
        return String.format(
                Locale.ROOT,
                "%,d of %,d documents kept; %,d tokens of %,d bytes in %d shards: %s",
                manifest.keptDocuments(),
                manifest.documents(),
                manifest.tokens(),
                manifest.keptBytes(),
                manifest.shards().size(),
                out);
    }
}
