package dev.cria.data.prepare;

import dev.cria.Progress;
import dev.cria.data.Mix64;
import dev.cria.data.source.Blocks;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Documents in an order that a seed decides. Each gets a key from the seed and its number and goes to one of some
 * buckets on disk by the key's top bits; a bucket at a time is then sorted in memory. The order is that of the keys,
 * however many buckets there are.
 */
final class Shuffle {
    private static final long INPUT_BYTES_PER_BUCKET = 32L << 20;
    private static final int MOST_BUCKETS = 512;
    private static final String FILE = "shuffle.json";
    private static final int RECORD_HEADER = Long.BYTES + Integer.BYTES;

    /** How far the spilling had come. */
    record Mark(long blocks, long documents, List<Long> bucketBytes, Ledger.Mark ledger, boolean complete) {}

    private record Keyed(long key, int[] tokens) {}

    private record JudgedBlock(long bytes, List<Outcome> outcomes) {}

    private final PrepareRequest request;
    private final Workspace workspace;
    private final Progress progress;
    private final int buckets;

    Shuffle(PrepareRequest request, Workspace workspace, Progress progress) {
        this.request = request;
        this.workspace = workspace;
        this.progress = progress;
        this.buckets = (int) Math.min(MOST_BUCKETS, request.sources().bytes() / INPUT_BYTES_PER_BUCKET + 1);
    }

    int buckets() {
        return buckets;
    }

    /** Judges and tokenises the input into buckets, or goes on with that, and returns the ledger at its end. */
    Ledger.Mark spill(Optional<Scan.Findings> scanned) {
        Mark from = workspace
                .read(FILE, Mark.class)
                .orElseGet(() -> new Mark(0, 0, new ArrayList<>(), Ledger.Mark.START, false));
        if (from.complete()) {
            return from.ledger();
        }
        List<AppendedFile> files = new ArrayList<>();
        try (Ledger ledger = Ledger.open(request, from.ledger());
                Blocks blocks = request.sources().blocks();
                Rate rate = Rate.begin(progress, "tokenise", request.sources().bytes())) {
            for (int i = 0; i < buckets; i++) {
                long kept =
                        from.bucketBytes().isEmpty() ? 0 : from.bucketBytes().get(i);
                files.add(AppendedFile.open(file(i), kept));
            }
            Walk walk = new Walk(from, files, ledger, rate);
            Judge judge = new Judge(request.curation(), scanned);
            OrderedWork.run(
                    new NumberedBlocks(blocks, from.blocks(), rate),
                    b -> new JudgedBlock(b.block().bytes(), judge.judge(b.number(), b.block())),
                    walk::add,
                    request.workers());
            walk.commit(true);
            return ledger.mark();
        } finally {
            files.forEach(AppendedFile::close);
        }
    }

    private Path file(int bucket) {
        return workspace.file("bucket-" + bucket);
    }

    private final class Walk {
        private static final long NANOS_BETWEEN_COMMITS = 10_000_000_000L;

        private final List<AppendedFile> files;
        private final Ledger ledger;
        private final Rate rate;
        private final long seed = request.shuffleSeed().orElseThrow();
        private long blocks;
        private long documents;
        private long lastCommit = System.nanoTime();

        Walk(Mark from, List<AppendedFile> files, Ledger ledger, Rate rate) {
            this.blocks = from.blocks();
            this.documents = from.documents();
            this.files = files;
            this.ledger = ledger;
            this.rate = rate;
        }

        void add(JudgedBlock block) {
            for (Outcome outcome : block.outcomes()) {
                if (outcome.kept()) {
                    spill(outcome.tokens());
                }
                ledger.enter(outcome);
                documents++;
            }
            blocks++;
            rate.advance(block.bytes(), block.outcomes().size());
            if (System.nanoTime() - lastCommit > NANOS_BETWEEN_COMMITS) {
                commit(false);
            }
        }

        private void spill(int[] tokens) {
            long key = Mix64.next(Mix64.next(seed) + documents);
            int bucket = (int) Math.unsignedMultiplyHigh(key, buckets);
            ByteBuffer document = ByteBuffer.allocate(RECORD_HEADER + tokens.length * Integer.BYTES);
            document.putLong(key).putInt(tokens.length).asIntBuffer().put(tokens);
            files.get(bucket).append(document.array());
        }

        void commit(boolean complete) {
            List<Long> bytes = files.stream().map(AppendedFile::force).toList();
            workspace.write(FILE, new Mark(blocks, documents, bytes, ledger.mark(), complete));
            lastCommit = System.nanoTime();
        }
    }

    /** A bucket's documents in their new order. */
    List<int[]> read(int bucket) {
        List<Keyed> documents = new ArrayList<>();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file(bucket)));
            while (bytes.hasRemaining()) {
                long key = bytes.getLong();
                int[] tokens = new int[bytes.getInt()];
                bytes.asIntBuffer().get(tokens);
                bytes.position(bytes.position() + tokens.length * Integer.BYTES);
                documents.add(new Keyed(key, tokens));
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file(bucket), e);
        }
        // Equal keys stay in the order of the input: the sort is stable.
        documents.sort(Comparator.comparingLong(d -> d.key() + Long.MIN_VALUE));
        return documents.stream().map(Keyed::tokens).toList();
    }
}
