package dev.cria.spark;

import dev.cria.RequestException;
import dev.cria.data.ShardManifest;
import dev.cria.data.ShardManifest.ShardInfo;
import dev.cria.data.ShardManifest.TokenizerInfo;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.prepare.Report;
import dev.cria.data.prepare.Tally;
import dev.cria.format.NpyType;
import dev.cria.spark.Input.InputFile;
import dev.cria.tokenizer.Tokenizer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Raw text to token shards on a cluster, the same bytes as {@code ./cria prepare} writes. The input is parted into
 * portions, a task each; where duplicates are to go, a first walk filters and hashes, the hashes alone are shuffled and
 * joined to clusters, and a second walk knows of each portion's duplicates. Texts never leave the task that read them;
 * what travels at the end are tokens, two bytes each, to the shards that they belong to.
 */
final class CurationJob {
    private final JavaSparkContext context;
    private final SparkSession spark;
    private final PrepareCommand asked;
    private final Output output;
    private final Broadcast<Recipe> recipe;
    private final Broadcast<SerializableConfiguration> hadoop;
    private final Reader reader;

    CurationJob(SparkSession spark, PrepareCommand asked) {
        this.spark = spark;
        this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        this.asked = asked;
        this.output = new Output(asked.out, context.hadoopConfiguration());
        this.recipe = context.broadcast(Recipe.of(asked));
        this.hadoop = context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        this.reader = new Reader(asked.reading(), hadoop);
    }

    private record Duplicates(
            JavaRDD<BlockFindings> findings, long[] documentsBefore, SortedMap<Integer, Long> sizes) {}

    /** Prepares, or finds that it was done before. */
    ShardManifest run() {
        Input.Found found = Input.find(asked.inputs, context.hadoopConfiguration());
        found.passedOver().forEach(file -> System.err.println("passed over " + file.name() + ": " + file.reason()));
        List<InputFile> files = found.files();
        Map<String, Object> request = request(files);
        Optional<ShardManifest> before = output.begin(request);
        if (before.isPresent()) {
            System.err.println(asked.out + " was prepared before; nothing is left to do");
            return before.get();
        }
        List<Portion> portions = Portion.of(pieces(files), asked.portionBytes());
        JavaRDD<Portion> input = context.parallelize(portions, portions.size());
        Optional<Duplicates> duplicates =
                asked.dedup == Dedup.NONE ? Optional.empty() : Optional.of(duplicates(input, portions.size()));
        JavaRDD<JudgedBlock> judged = judged(input, duplicates).persist(StorageLevel.DISK_ONLY());
        List<Tally.Snapshot> tallies = judged.mapPartitions(CurationJob::tally).collect();
        Tally.Snapshot tally = tallies.stream().reduce(Tally.Snapshot.EMPTY, Tally.Snapshot::and);
        if (tally.count("tokens") == 0) {
            throw new RequestException(
                    "no document is left of " + tally.count("documents") + " read",
                    "try it with other filters, or on a part of the input with: ./cria prepare --report report.html");
        }
        ShardManifest manifest = manifest(request, tally, shards(judged, tallies));
        output.end(
                manifest,
                new Report(
                        manifest,
                        tally,
                        duplicates.map(Duplicates::sizes).orElseGet(TreeMap::new),
                        found.passedOver()));
        judged.unpersist();
        return manifest;
    }

    private List<Piece> pieces(List<InputFile> files) {
        Reader reader = this.reader;
        return context.parallelize(files, files.size())
                .flatMap(file -> reader.pieces(file).iterator())
                .collect();
    }

    private Duplicates duplicates(JavaRDD<Portion> input, int portions) {
        Broadcast<Recipe> shared = recipe;
        Reader reader = this.reader;
        JavaRDD<ScannedBlock> scanned = input.mapPartitionsWithIndex(
                        (index, portion) -> (Iterator<ScannedBlock>)
                                new ScannedPortion(shared.value().curation(), index, reader.read(portion.next())),
                        true)
                .persist(StorageLevel.DISK_ONLY());
        List<Long> documents = scanned.mapPartitions(CurationJob::documents).collect();
        Dataset<Row> found = DuplicateSearch.run(spark, scanned);
        return new Duplicates(
                scanned.zipPartitions(DuplicateSearch.byPortion(found, portions), BlockFindings::of),
                sumsBefore(documents),
                DuplicateSearch.clusterSizes(found));
    }

    private static Iterator<Long> documents(Iterator<ScannedBlock> blocks) {
        long documents = 0;
        while (blocks.hasNext()) {
            documents += blocks.next().documents();
        }
        return List.of(documents).iterator();
    }

    /** For each number the sum of those before it. */
    private static long[] sumsBefore(List<Long> numbers) {
        long[] sums = new long[numbers.size()];
        for (int i = 1; i < sums.length; i++) {
            sums[i] = sums[i - 1] + numbers.get(i - 1);
        }
        return sums;
    }

    private JavaRDD<JudgedBlock> judged(JavaRDD<Portion> input, Optional<Duplicates> duplicates) {
        Broadcast<Recipe> shared = recipe;
        Reader reader = this.reader;
        if (duplicates.isEmpty()) {
            return input.mapPartitions(portion -> new JudgedPortion(
                    shared.value().curation(), reader.read(portion.next()), Optional.empty(), new long[0]));
        }
        long[] documentsBefore = duplicates.get().documentsBefore();
        return input.zipPartitions(
                duplicates.get().findings(),
                (portion, findings) -> new JudgedPortion(
                        shared.value().curation(),
                        reader.read(portion.next()),
                        Optional.of(findings),
                        documentsBefore));
    }

    private static Iterator<Tally.Snapshot> tally(Iterator<JudgedBlock> blocks) {
        Tally.Snapshot sum = Tally.Snapshot.EMPTY;
        while (blocks.hasNext()) {
            sum = sum.and(blocks.next().tally());
        }
        return List.of(sum).iterator();
    }

    private List<ShardInfo> shards(JavaRDD<JudgedBlock> judged, List<Tally.Snapshot> tallies) {
        List<Long> tokens = tallies.stream().map(t -> t.count("tokens")).toList();
        long all = tokens.stream().mapToLong(t -> t).sum();
        long[] begins = sumsBefore(tokens);
        long shardTokens = asked.shardTokens;
        Tokenizer tokenizer = recipe.value().curation().tokenizer();
        ShardWriter writer = new ShardWriter(
                asked.out,
                asked.prefix,
                NpyType.forVocabulary(tokenizer.vocabularySize()),
                shardTokens,
                all,
                tokenizer.endOfText().orElseThrow(),
                hadoop);
        int tokenBytes = writer.type().bytes();
        int count = Math.toIntExact((all + shardTokens - 1) / shardTokens);
        return judged.mapPartitionsWithIndex(
                        (index, blocks) -> (Iterator<Tuple2<Long, byte[]>>)
                                new ShardRuns(blocks, begins[index], shardTokens, tokenBytes),
                        true)
                .mapToPair(run -> run)
                .repartitionAndSortWithinPartitions(new ByShard(shardTokens, count))
                .values()
                .mapPartitionsWithIndex(
                        (shard, runs) -> writer.write(shard, runs).iterator(), true)
                .collect();
    }

    private ShardManifest manifest(Map<String, Object> request, Tally.Snapshot tally, List<ShardInfo> shards) {
        Tokenizer tokenizer = recipe.value().curation().tokenizer();
        return new ShardManifest(
                new TokenizerInfo(
                        asked.tokenizer,
                        tokenizer.fingerprint(),
                        tokenizer.vocabularySize(),
                        tokenizer.endOfText().orElseThrow()),
                request,
                tally.count("documents"),
                tally.count("kept_documents"),
                tally.count("kept_bytes"),
                tally.count("tokens"),
                shards);
    }

    /** The same keys in the same order as {@code ./cria prepare} has them. */
    private Map<String, Object> request(List<InputFile> files) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("sources", files.stream().map(InputFile::describe).toList());
        asked.reading().describe(request);
        request.put("prefix", asked.prefix);
        request.put("shard_tokens", asked.shardTokens);
        request.put("shuffle_seed", "none");
        request.putAll(recipe.value().curation().describe());
        request.put("report", true);
        request.put("decisions", false);
        return request;
    }
}
