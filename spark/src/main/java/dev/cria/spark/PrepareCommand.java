package dev.cria.spark;

import dev.cria.RequestException;
import dev.cria.data.ShardManifest;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.source.Reading;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spark-submit … prepare}: the arguments of {@code ./cria prepare} that make sense on a cluster. */
@Command(
        name = "prepare",
        description = "Turns raw text into token shards on a Spark cluster; the same bytes as ./cria prepare writes.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  spark-submit --class dev.cria.spark.Main spark/target/cria-spark.jar prepare hdfs:///edu/*.parquet \\",
            "      --out hdfs:///shards/edu --filters fineweb --dedup minhash"
        })
final class PrepareCommand implements Callable<Integer> {
    private static final int MEGA = 1 << 20;

    @Parameters(
            arity = "1..*",
            paramLabel = "INPUT",
            description =
                    "Files (Parquet, JSON lines, JSON arrays; any other is one text), compressed or not, directories or"
                            + " globs on any Hadoop file system.")
    List<String> inputs = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the shards go.")
    String out = "";

    @Option(
            names = "--tokenizer",
            defaultValue = "gpt2",
            paramLabel = "gpt2|DIR",
            description = "GPT-2's, or the driver's directory with tokenizer.json. Default: ${DEFAULT-VALUE}.")
    String tokenizer = "gpt2";

    @Option(
            names = "--prefix",
            defaultValue = "shard",
            paramLabel = "P",
            description = "Prefix of shard file names. Default: ${DEFAULT-VALUE}.")
    String prefix = "shard";

    @Option(
            names = "--shard-tokens",
            defaultValue = "100000000",
            paramLabel = "N",
            description = "Maximum tokens per shard. Default: ${DEFAULT-VALUE}.")
    long shardTokens;

    @Option(
            names = "--text-field",
            defaultValue = "text",
            paramLabel = "NAME",
            description = "The column or key with the text. Default: ${DEFAULT-VALUE}.")
    String textField = "text";

    @Option(
            names = "--filters",
            defaultValue = "none",
            paramLabel = "none|fineweb|FILE",
            description = "Which documents stay; FILE is the driver's. Default: ${DEFAULT-VALUE}.")
    String filters = "none";

    @Option(
            names = "--dedup",
            defaultValue = "none",
            paramLabel = "none|exact|minhash",
            description = "Keep only the first of duplicate documents. Default: ${DEFAULT-VALUE}.")
    Dedup dedup = Dedup.NONE;

    @Option(
            names = "--dedup-scope",
            defaultValue = "global",
            paramLabel = "global|dump",
            description = "Among all documents, or within each snapshot (column dump). Default: ${DEFAULT-VALUE}.")
    Dedup.Scope scope = Dedup.Scope.GLOBAL;

    @Option(
            names = "--min-edu-score",
            paramLabel = "X",
            description = "Keep documents with this educational score or more: the column score, or --classifier's.")
    Optional<Double> minEduScore = Optional.empty();

    @Option(
            names = "--classifier",
            paramLabel = "FILE",
            description = "Scores raw text for --min-edu-score; the driver's file.")
    Optional<Path> classifier = Optional.empty();

    @Option(
            names = "--benchmarks",
            paramLabel = "DIR",
            description = "Count documents that share 13 words in a row with these benchmark files; the driver's.")
    Optional<Path> benchmarks = Optional.empty();

    @Option(names = "--drop-contaminated", description = "Drop the documents that --benchmarks finds.")
    boolean dropContaminated;

    @Option(names = "--skip-bad", description = "Count rows and files that cannot be read, and continue.")
    boolean skipBad;

    @Option(
            names = "--max-document-bytes",
            defaultValue = "" + Reading.MOST_BYTES,
            paramLabel = "N",
            description = "A longer document counts as one that cannot be read. Default: ${DEFAULT-VALUE}.")
    long maxDocumentBytes;

    @Option(
            names = "--portion-mb",
            defaultValue = "128",
            paramLabel = "N",
            description = "About how much of the input a task reads. Default: ${DEFAULT-VALUE}.")
    int portionMegabytes;

    @Override
    public Integer call() {
        check();
        // The session is left open: spark-submit ends it with the process, and a caller's own session stays his.
        SparkSession spark =
                SparkSession.builder().appName("cria prepare " + out).getOrCreate();
        ShardManifest manifest = new CurationJob(spark, this).run();
        System.out.printf(
                Locale.ROOT,
                "%,d of %,d documents kept; %,d tokens of %,d bytes in %d shards: %s%n",
                manifest.keptDocuments(),
                manifest.documents(),
                manifest.tokens(),
                manifest.keptBytes(),
                manifest.shards().size(),
                out);
        return 0;
    }

    /** How documents are read. */
    Reading reading() {
        return new Reading(textField, maxDocumentBytes);
    }

    private void check() {
        if (!prefix.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new RequestException(
                    "--prefix is '" + prefix + "', and shards' names begin with a letter or digit",
                    "use letters, digits, points, hyphens and underscores");
        }
        if (shardTokens < 2) {
            throw new RequestException("--shard-tokens is " + shardTokens, "--shard-tokens 100000000");
        }
        if (portionMegabytes < 1) {
            throw new RequestException("--portion-mb is " + portionMegabytes, "--portion-mb 128");
        }
        if (minEduScore.isEmpty() && classifier.isPresent()) {
            throw new RequestException("--classifier without --min-edu-score", "--min-edu-score 3");
        }
        if (benchmarks.isEmpty() && dropContaminated) {
            throw new RequestException("--drop-contaminated without --benchmarks", "--benchmarks DIR");
        }
    }

    long portionBytes() {
        return (long) portionMegabytes * MEGA;
    }
}
