package dev.cria.data.dedup;

import dev.cria.Progress;
import dev.cria.data.Mix64;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * For every document the first one of its cluster, itself where it has no other. Documents with an equal key in the
 * same place belong together, and so do their friends' friends.
 *
 * <p>Memory while clustering: 4 bytes a document, and a table of fixed size. A place's keys that do not fit the table
 * are taken in several passes over the file, each for the keys of one remainder. Afterwards the answer is a file, mapped.
 */
public final class Duplicates implements AutoCloseable {
    /** Slots of the table of keys: 12 bytes each, 192 MiB together. */
    static final int TABLE_SLOTS = 1 << 24;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment firsts;
    private final Arena arena;

    private Duplicates(MemorySegment firsts, Arena arena) {
        this.firsts = firsts;
        this.arena = arena;
    }

    /**
     * Clusters the documents of a spill and writes the answer to a file.
     *
     * @param documents how many documents there are, of which the spill may hold only some
     */
    public static void cluster(Path spill, int places, int documents, Path answer, Progress progress) {
        cluster(spill, places, documents, answer, progress, TABLE_SLOTS);
    }

    static void cluster(Path spill, int places, int documents, Path answer, Progress progress, int mostSlots) {
        UnionFind sets = new UnionFind(documents);
        try (Arena arena = Arena.ofConfined();
                Progress.Task task = progress.begin("cluster", "keys", places)) {
            MemorySegment numbers = map(KeySpill.documentsFile(spill), arena);
            long count = numbers.byteSize() / Integer.BYTES;
            int slots = (int) Math.min(mostSlots, Math.max(16, Long.highestOneBit(count * 2) * 2));
            KeyTable table = new KeyTable(slots);
            int passes = (int) (count * 3 / 2 / slots) + 1;
            for (int place = 0; place < places; place++) {
                MemorySegment keys = map(KeySpill.keysFile(spill, place), arena);
                for (int pass = 0; pass < passes; pass++) {
                    table.clear();
                    for (long i = 0; i < count; i++) {
                        long key = keys.getAtIndex(LONG, i);
                        if (passes == 1 || Long.remainderUnsigned(key, passes) == pass) {
                            int document = numbers.getAtIndex(INT, i);
                            sets.union(table.firstWith(key, document), document);
                        }
                    }
                }
                task.advance(1);
            }
        }
        write(sets, documents, answer);
    }

    private static void write(UnionFind sets, int documents, Path answer) {
        AtomicFiles.write(answer, channel -> {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < documents; i++) {
                buffer.putInt(sets.find(i));
                if (!buffer.hasRemaining() || i == documents - 1) {
                    AtomicFiles.writeFully(channel, buffer.flip());
                    buffer.clear();
                }
            }
        });
    }

    private static MemorySegment map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    /** Opens an answer written before. */
    public static Duplicates open(Path answer) {
        Arena arena = Arena.ofShared();
        return new Duplicates(map(answer, arena), arena);
    }

    /** The first document of the cluster that this one belongs to. */
    public int firstOf(int document) {
        return firsts.getAtIndex(INT, document);
    }

    /** How many clusters of each size there are, those of one document left out. */
    public SortedMap<Integer, Long> clusterSizes() {
        int documents = (int) (firsts.byteSize() / Integer.BYTES);
        int[] sizes = new int[documents];
        for (int i = 0; i < documents; i++) {
            sizes[firstOf(i)]++;
        }
        SortedMap<Integer, Long> bySize = new TreeMap<>();
        for (int size : sizes) {
            if (size > 1) {
                bySize.merge(size, 1L, Long::sum);
            }
        }
        return bySize;
    }

    @Override
    public void close() {
        arena.close();
    }

    /** Which document came first with a key; open addressing in two arrays. */
    private static final class KeyTable {
        private final long[] keys;
        /** Document + 1, so that 0 is an empty slot. */
        private final int[] documents;

        KeyTable(int slots) {
            keys = new long[slots];
            documents = new int[slots];
        }

        void clear() {
            Arrays.fill(documents, 0);
        }

        int firstWith(long key, int document) {
            int mask = keys.length - 1;
            int slot = (int) (Mix64.next(key) >>> 32) & mask;
            while (documents[slot] != 0) {
                if (keys[slot] == key) {
                    return documents[slot] - 1;
                }
                slot = slot + 1 & mask;
            }
            keys[slot] = key;
            documents[slot] = document + 1;
            return document;
        }
    }
}
