package dev.cria.data.prepare;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.dedup.Duplicates;
import dev.cria.data.dedup.KeySpill;
import dev.cria.data.source.Block;
import dev.cria.data.source.Blocks;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The first of two walks over the input where duplicates are to go: filters every document, spills the keys of those
 * that stay, and clusters them. What it finds takes 5 bytes a document and lies in mapped files. Goes on where it was
 * interrupted.
 */
final class Scan {
    private static final Duration BETWEEN_COMMITS = Duration.ofSeconds(10);

    /** How far the walk had come. */
    record Mark(long blocks, int documents, long spilled) {
        static final Mark START = new Mark(0, 0, 0);
    }

    /** What the second walk asks. */
    record Findings(Duplicates duplicates, MemorySegment findings, MemorySegment blockStarts, Arena arena)
            implements AutoCloseable {
        private static final Curation.Finding[] FINDINGS = Curation.Finding.values();
        private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

        /** The number of a block's first document. */
        int firstDocumentOf(long block) {
            return blockStarts.getAtIndex(INT, block);
        }

        /** What the filters said of a document; a byte each on disk. */
        Curation.Finding findingOf(int document) {
            return FINDINGS[findings.get(ValueLayout.JAVA_BYTE, document)];
        }

        @Override
        public void close() {
            duplicates.close();
            arena.close();
        }
    }

    private final PrepareRequest request;
    private final Workspace workspace;
    private final Progress progress;

    Scan(PrepareRequest request, Workspace workspace, Progress progress) {
        this.request = request;
        this.workspace = workspace;
        this.progress = progress;
    }

    /** Walks, clusters, and opens the findings; or only opens them where that was done before. */
    Findings run() {
        Path clusters = workspace.file("clusters");
        if (!workspace.has(clusters)) {
            Mark walked = walk();
            Duplicates.cluster(keys(), request.dedup().keys(), walked.documents(), clusters, progress);
        }
        Arena arena = Arena.ofShared();
        return new Findings(Duplicates.open(clusters), map(findings(), arena), map(blockStarts(), arena), arena);
    }

    private Path keys() {
        return workspace.file("keys");
    }

    private Path findings() {
        return workspace.file("findings");
    }

    private Path blockStarts() {
        return workspace.file("block-starts");
    }

    private Mark walk() {
        Mark from = workspace.read("scan.json", Mark.class).orElse(Mark.START);
        try (KeySpill spill = KeySpill.open(keys(), request.dedup().keys(), from.spilled());
                AppendedFile findings = AppendedFile.open(findings(), from.documents());
                AppendedFile starts = AppendedFile.open(blockStarts(), from.blocks() * Integer.BYTES);
                Blocks blocks = request.sources().blocks();
                Rate rate = Rate.begin(
                        progress, "filter and hash", request.sources().bytes())) {
            Curation curation = request.curation();
            Walk walk = new Walk(from, spill, findings, starts, rate);
            OrderedWork.run(
                    new NumberedBlocks(blocks, from.blocks(), rate),
                    b -> new ScannedBlock(b.block().bytes(), scan(curation, b.block())),
                    walk::add,
                    request.workers());
            return walk.commit();
        }
    }

    private record ScannedBlock(long bytes, List<Curation.Scanned> rows) {}

    private static List<Curation.Scanned> scan(Curation curation, Block block) {
        List<Curation.Scanned> rows = new ArrayList<>();
        block.reader().read(row -> {
            Curation.Scanned scanned = curation.scan(row);
            if (row.row() >= 0) {
                rows.add(scanned);
            }
        });
        return rows;
    }

    /** The part of the walk that runs in order. */
    private final class Walk {
        private final KeySpill spill;
        private final AppendedFile findings;
        private final AppendedFile starts;
        private final Rate rate;
        private long blocks;
        private int documents;
        private long lastCommit = System.nanoTime();

        Walk(Mark from, KeySpill spill, AppendedFile findings, AppendedFile starts, Rate rate) {
            this.blocks = from.blocks();
            this.documents = from.documents();
            this.spill = spill;
            this.findings = findings;
            this.starts = starts;
            this.rate = rate;
        }

        void add(ScannedBlock block) {
            starts.appendInt(documents);
            for (Curation.Scanned row : block.rows()) {
                if (row.keys().length > 0) {
                    spill.append(documents, row.keys());
                }
                findings.appendByte(row.finding().ordinal());
                documents = next(documents);
            }
            blocks++;
            rate.advance(block.bytes(), block.rows().size());
            if (System.nanoTime() - lastCommit > BETWEEN_COMMITS.toNanos()) {
                commit();
            }
        }

        private static int next(int documents) {
            if (documents == Integer.MAX_VALUE - 1) {
                throw new RequestException(
                        "there are more than " + Integer.MAX_VALUE + " documents to deduplicate at once",
                        "prepare each snapshot for itself");
            }
            return documents + 1;
        }

        Mark commit() {
            spill.force();
            findings.force();
            starts.force();
            Mark mark = new Mark(blocks, documents, spill.count());
            workspace.write("scan.json", mark);
            lastCommit = System.nanoTime();
            return mark;
        }
    }

    private static MemorySegment map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }
}
