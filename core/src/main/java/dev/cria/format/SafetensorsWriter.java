package dev.cria.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes safetensors files atomically, tensor by tensor: no more of a model is in memory than the tensor being
 * written. Equal tensors in equal order give equal bytes.
 *
 * <p>Tensors stand in the order given, those of wider elements first, so that each is aligned to its own type: readers
 * that map the file and view it (PyTorch's) need that, and the reference writer orders so too.
 */
public final class SafetensorsWriter {
    /** Where Hugging Face's own writer begins another file. */
    public static final long SHARD_BYTES = 5_000_000_000L;

    private static final long LARGEST_WRITE = 1L << 24;

    /** Of the first tensor in the file: a vector, so that kernels read mapped weights at full speed. */
    private static final int DATA_ALIGNMENT = 64;

    private static final JsonMapper JSON = new JsonMapper();

    private SafetensorsWriter() {}

    /** Writes one file; {@code metadata} may be empty. */
    public static void write(Path file, List<TensorSource> tensors, Map<String, String> metadata) {
        List<TensorSource> ordered = ordered(tensors);
        byte[] header = header(ordered, metadata);
        AtomicFiles.write(file, channel -> {
            AtomicFiles.writeFully(channel, start(header));
            for (TensorSource tensor : ordered) {
                writeTensor(channel, tensor);
            }
        });
    }

    private static ByteBuffer start(byte[] header) {
        ByteBuffer start = ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
        return start.putLong(header.length).put(header).flip();
    }

    /**
     * Writes {@code STEM.safetensors} into a directory, or, above {@code shardBytes}, {@code
     * STEM-00001-of-0000N.safetensors} and {@code STEM.safetensors.index.json}.
     *
     * @return the files written, the index last
     */
    public static List<Path> writeDirectory(
            Path directory, String stem, List<TensorSource> tensors, Map<String, String> metadata, long shardBytes) {
        return writeFiles(directory, stem, tensors, shardBytes, (file, shard) -> write(file, shard, metadata));
    }

    /** Makes a file of some tensors. */
    private interface Making {
        void make(Path file, List<TensorSource> tensors);
    }

    private static String name(String stem, int index, int count) {
        return count == 1
                ? stem + ".safetensors"
                : String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", stem, index + 1, count);
    }

    private static List<Path> writeFiles(
            Path directory, String stem, List<TensorSource> tensors, long shardBytes, Making making) {
        List<List<TensorSource>> shards = split(tensors, shardBytes);
        List<Path> written = new ArrayList<>();
        SortedMap<String, String> fileOf = new TreeMap<>();
        for (int i = 0; i < shards.size(); i++) {
            String name = name(stem, i, shards.size());
            making.make(directory.resolve(name), shards.get(i));
            shards.get(i).forEach(t -> fileOf.put(t.entry().name(), name));
            written.add(directory.resolve(name));
        }
        if (shards.size() == 1) {
            return written;
        }
        Path index = directory.resolve(stem + ".safetensors.index.json");
        long total = tensors.stream().mapToLong(t -> t.entry().byteSize()).sum();
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("metadata", Map.of("total_size", total));
        content.put("weight_map", fileOf);
        AtomicFiles.write(
                index,
                JSON.writerWithDefaultPrettyPrinter()
                                .writeValueAsString(content)
                                .replace("\r\n", "\n") + "\n");
        written.add(index);
        return written;
    }

    /**
     * Makes the files that {@link #writeDirectory} would write, with their headers and room for each tensor. Several
     * processes fill it, each with {@link #fill}.
     *
     * @return the files, the index last
     */
    public static List<Path> makeRoom(
            Path directory, String stem, List<TensorSource> tensors, Map<String, String> metadata, long shardBytes) {
        return writeFiles(directory, stem, tensors, shardBytes, (file, shard) -> {
            byte[] header = header(ordered(shard), metadata);
            long bytes = shard.stream().mapToLong(t -> t.entry().byteSize()).sum();
            AtomicFiles.write(file, channel -> {
                AtomicFiles.writeFully(channel, start(header));
                long end = Long.BYTES + header.length + bytes;
                if (bytes > 0) {
                    channel.position(end - 1);
                    AtomicFiles.writeFully(channel, ByteBuffer.allocate(1));
                }
            });
        });
    }

    /** Writes those tensors that are not {@link TensorSource#elsewhere} where {@link #makeRoom} has made room for them. */
    public static void fill(Path directory, String stem, List<TensorSource> tensors, long shardBytes) {
        List<List<TensorSource>> shards = split(tensors, shardBytes);
        for (int i = 0; i < shards.size(); i++) {
            if (!shards.get(i).stream().allMatch(TensorSource::isElsewhere)) {
                fill(directory.resolve(name(stem, i, shards.size())), ordered(shards.get(i)));
            }
        }
    }

    private static void fill(Path file, List<TensorSource> ordered) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            while (length.hasRemaining() && channel.read(length) >= 0) {
                // The header's length stands first.
            }
            long at = Long.BYTES + length.flip().getLong();
            for (TensorSource tensor : ordered) {
                if (!tensor.isElsewhere()) {
                    channel.position(at);
                    writeTensor(channel, tensor);
                }
                at += tensor.entry().byteSize();
            }
            channel.force(true);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(file, e);
        }
    }

    /** The SHA-256 of each file of tensors that {@link #writeDirectory} would write, in the order of their names. */
    public static List<String> hashes(List<TensorSource> tensors, Map<String, String> metadata, long shardBytes) {
        return split(tensors, shardBytes).stream()
                .map(shard -> hash(shard, metadata))
                .toList();
    }

    private static String hash(List<TensorSource> tensors, Map<String, String> metadata) {
        List<TensorSource> ordered = ordered(tensors);
        byte[] header = header(ordered, metadata);
        MessageDigest digest = AtomicFiles.sha256();
        digest.update(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .flip());
        digest.update(header);
        try {
            for (TensorSource tensor : ordered) {
                tensor.bytes().writeTo(next -> inPieces(next, digest::update));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static List<List<TensorSource>> split(List<TensorSource> tensors, long shardBytes) {
        List<List<TensorSource>> shards = new ArrayList<>();
        List<TensorSource> current = new ArrayList<>();
        long bytes = 0;
        for (TensorSource tensor : tensors) {
            long size = tensor.entry().byteSize();
            if (!current.isEmpty() && bytes + size > shardBytes) {
                shards.add(current);
                current = new ArrayList<>();
                bytes = 0;
            }
            current.add(tensor);
            bytes += size;
        }
        shards.add(current);
        return shards;
    }

    private static List<TensorSource> ordered(List<TensorSource> tensors) {
        Set<String> names = new HashSet<>();
        for (TensorSource tensor : tensors) {
            if (!names.add(tensor.entry().name())) {
                throw new IllegalArgumentException(
                        "two tensors are named " + tensor.entry().name());
            }
        }
        return tensors.stream()
                .sorted(Comparator.comparingInt(t -> -t.entry().type().bytes()))
                .toList();
    }

    private static byte[] header(List<TensorSource> tensors, Map<String, String> metadata) {
        Map<String, Object> header = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            header.put("__metadata__", new TreeMap<>(metadata));
        }
        long offset = 0;
        for (TensorSource tensor : tensors) {
            TensorEntry entry = tensor.entry();
            long end = offset + entry.byteSize();
            Map<String, Object> claims = new LinkedHashMap<>();
            claims.put("dtype", entry.type().name());
            claims.put("shape", entry.shape());
            claims.put("data_offsets", new long[] {offset, end});
            header.put(entry.name(), claims);
            offset = end;
        }
        String json = JSON.writeValueAsString(header);
        int bytes = json.getBytes(StandardCharsets.UTF_8).length;
        int padding = Math.floorMod(-(Long.BYTES + bytes), DATA_ALIGNMENT);
        return (json + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
    }

    private static void writeTensor(FileChannel channel, TensorSource tensor) throws IOException {
        long begin = channel.position();
        tensor.bytes().writeTo(next -> writeSegment(channel, next));
        long written = channel.position() - begin;
        if (written != tensor.entry().byteSize()) {
            throw new IllegalStateException(tensor.entry() + " came with " + written + " bytes");
        }
    }

    private static void writeSegment(FileChannel channel, MemorySegment segment) throws IOException {
        inPieces(segment, piece -> AtomicFiles.writeFully(channel, piece));
    }

    /** Takes bytes. */
    private interface Pieces {
        void take(ByteBuffer piece) throws IOException;
    }

    /** A ByteBuffer holds less than 2 GiB, and the embedding of a large model is more. */
    private static void inPieces(MemorySegment segment, Pieces pieces) throws IOException {
        for (long at = 0; at < segment.byteSize(); at += LARGEST_WRITE) {
            long length = Math.min(LARGEST_WRITE, segment.byteSize() - at);
            pieces.take(bytesOf(segment.asSlice(at, length)));
        }
    }

    /** The piece itself where it is native; a Java array of floats has no view as bytes and is copied. */
    private static ByteBuffer bytesOf(MemorySegment piece) {
        return piece.isNative() ? piece.asByteBuffer() : ByteBuffer.wrap(piece.toArray(ValueLayout.JAVA_BYTE));
    }
}
