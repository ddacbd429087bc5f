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
import dev.cria.data.source.Reading;
import dev.cria.data.source.Sources;
import dev.cria.format.hub.Hub;
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
        description = {
            "Turns raw text into token shards: filtered, deduplicated and tokenized.",
            "Resumes where it was interrupted. The same input gives the same bytes."
        },
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
                    "hf://datasets/OWNER/NAME[/SUBDIR], a data set of Hugging Face's hub; or files of Parquet, JSON"
                            + " Lines, a JSON array or one text, also compressed (gzip, zstd, bzip2, xz, lz4); or"
                            + " directories or globs of them.")
    private List<String> inputs = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Directory to write the shards to.")
    private Path out = Path.of("");

    @Option(
            names = "--tokenizer",
            defaultValue = "gpt2",
            paramLabel = "gpt2|DIR",
            description = "gpt2, or a directory that holds tokenizer.json (default: ${DEFAULT-VALUE}).")
    private String tokenizer = "gpt2";

    @Option(
            names = "--prefix",
            defaultValue = "shard",
            paramLabel = "P",
            description = "Prefix of shard file names (default: ${DEFAULT-VALUE}).")
    private String prefix = "shard";

    @Option(
            names = "--shard-tokens",
            defaultValue = "100000000",
            paramLabel = "N",
            description = "Maximum tokens per shard (default: ${DEFAULT-VALUE}).")
    private long shardTokens;

    @Mixin
    private TextFieldOption textField = new TextFieldOption();

    @Option(
            names = "--filters",
            defaultValue = "none",
            paramLabel = "none|fineweb|FILE",
            description = "Filters that documents must pass; FILE is a pipeline in YAML (default: ${DEFAULT-VALUE}).")
    private String filters = "none";

    @Option(
            names = "--dedup",
            defaultValue = "none",
            paramLabel = "none|exact|minhash",
            description = "Keep only the first of duplicate documents (default: ${DEFAULT-VALUE}).")
    private Dedup dedup = Dedup.NONE;

    @Option(
            names = "--dedup-scope",
            defaultValue = "global",
            paramLabel = "global|dump",
            description = "Look for duplicates among all documents, or within each snapshot (column dump)"
                    + " (default: ${DEFAULT-VALUE}).")
    private Dedup.Scope scope = Dedup.Scope.GLOBAL;

    @Option(
            names = "--min-edu-score",
            paramLabel = "X",
            description =
                    "Keep documents with at least this educational score, from the column score or from --classifier.")
    private Optional<Double> minEduScore = Optional.empty();

    @Option(
            names = "--classifier",
            paramLabel = "FILE",
            description = "Classifier that scores raw text for --min-edu-score; made by cria classifier train.")
    private Optional<Path> classifier = Optional.empty();

    @Option(
            names = "--benchmarks",
            paramLabel = "DIR",
            description = "Count documents that share 13 words in a row with these benchmark files (JSON, Parquet).")
    private Optional<Path> benchmarks = Optional.empty();

    @Option(names = "--drop-contaminated", description = "Drop the documents that --benchmarks finds.")
    private boolean dropContaminated;

    @Option(names = "--workers", paramLabel = "N", description = "Number of threads (default: one per core).")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--shuffle-documents",
            paramLabel = "SEED",
            description = "Shuffle the documents with this seed (default: keep the order of the input).")
    private Optional<Long> shuffleSeed = Optional.empty();

    @Option(names = "--skip-bad", description = "Count rows and files that cannot be read and continue.")
    private boolean skipBad;

    @Option(
            names = "--max-document-bytes",
            defaultValue = "" + Reading.MOST_BYTES,
            paramLabel = "N",
            description = "Maximum bytes per document; a longer one counts as unreadable (default: ${DEFAULT-VALUE}).")
    private long maxDocumentBytes;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write a report of what was kept and dropped, and why, as FILE.html and FILE.json.")
    private Optional<Path> report = Optional.empty();

    @Option(
            names = "--decisions",
            paramLabel = "FILE",
            description = "Write one JSON line per document: source, row, id, kept, reason.")
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
                Sources.find(inputs, new Reading(textField.name(), maxDocumentBytes), Hub.ofEnvironment(shown)),
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
