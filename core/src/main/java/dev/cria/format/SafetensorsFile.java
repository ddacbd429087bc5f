package dev.cria.format;

import dev.cria.RequestException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A safetensors file mapped into memory: nothing is read until a tensor's bytes are touched, and a file of a stranger
 * is refused before anything of the size it claims is allocated. Closing it unmaps all segments given out.
 *
 * @see "https://github.com/huggingface/safetensors, section Format"
 */
public final class SafetensorsFile implements AutoCloseable {
    /** The format's own limit for a header. */
    private static final long LONGEST_HEADER = 100_000_000;

    private final Path path;
    private final SafetensorsHeader header;
    private final MemorySegment data;
    private final Arena arena;

    private SafetensorsFile(Path path, SafetensorsHeader header, MemorySegment data, Arena arena) {
        this.path = path;
        this.header = header;
        this.data = data;
        this.arena = arena;
    }

    /**
     * Maps and checks a file.
     *
     * @throws RequestException if it is not there
     * @throws dev.cria.WorkException if its header lies about its data
     */
    public static SafetensorsFile open(Path path) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long length = headerLength(path, channel);
            long dataBytes = channel.size() - Long.BYTES - length;
            SafetensorsHeader header = SafetensorsHeader.parse(path, headerBytes(path, channel, length), dataBytes);
            MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, Long.BYTES + length, dataBytes, arena);
            return new SafetensorsFile(path, header, data, arena);
        } catch (IOException e) {
            arena.close();
            throw AtomicFiles.cannotRead(path, e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static long headerLength(Path path, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < Long.BYTES) {
            throw SafetensorsHeader.damaged(path, "it has " + size + " bytes, and the header's length takes 8");
        }
        long length = read(path, channel, 0, Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        if (length < 2 || length > LONGEST_HEADER || length > size - Long.BYTES) {
            throw SafetensorsHeader.damaged(
                    path, "its header claims %s bytes in a file of %d".formatted(Long.toUnsignedString(length), size));
        }
        return length;
    }

    private static byte[] headerBytes(Path path, FileChannel channel, long length) throws IOException {
        byte[] bytes = read(path, channel, Long.BYTES, (int) length).array();
        if (bytes[0] != '{') {
            throw SafetensorsHeader.damaged(path, "its header does not begin with {");
        }
        return bytes;
    }

    private static ByteBuffer read(Path path, FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw SafetensorsHeader.damaged(path, "it ends at " + (position + buffer.position()) + " bytes");
            }
        }
        return buffer.flip();
    }

    public Path path() {
        return path;
    }

    /** The tensors' names in the order of their data. */
    public List<String> names() {
        return List.copyOf(header.tensors().keySet());
    }

    /** What the header says of a tensor, where there is one of that name. */
    public Optional<TensorEntry> find(String name) {
        return Optional.ofNullable(header.tensors().get(name)).map(SafetensorsHeader.Placed::entry);
    }

    /** What the header says of a tensor. */
    public TensorEntry entry(String name) {
        return placed(name).entry();
    }

    /** A tensor's bytes, read-only, little-endian, valid until this file is closed; not always aligned to its type. */
    public MemorySegment data(String name) {
        SafetensorsHeader.Placed placed = placed(name);
        return data.asSlice(placed.begin(), placed.end() - placed.begin());
    }

    /** The bytes of several tensors, as {@link #data}, where they lie one right after the other. */
    public Optional<MemorySegment> adjacent(List<String> names) {
        long begin = placed(names.getFirst()).begin();
        long end = begin;
        for (String name : names) {
            SafetensorsHeader.Placed placed = placed(name);
            if (placed.begin() != end) {
                return Optional.empty();
            }
            end = placed.end();
        }
        return Optional.of(data.asSlice(begin, end - begin));
    }

    /** The texts under {@code __metadata__}. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    private SafetensorsHeader.Placed placed(String name) {
        SafetensorsHeader.Placed placed = header.tensors().get(name);
        if (placed == null) {
            throw new RequestException(
                    path + " has no tensor '" + name + "'",
                    "it has " + header.tensors().size() + ": "
                            + header.tensors().keySet().stream().limit(5).toList() + " …");
        }
        return placed;
    }

    @Override
    public void close() {
        arena.close();
    }
}
