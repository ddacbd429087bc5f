package dev.cria.data;

import dev.cria.RequestException;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory of token shards, {@code {prefix}_val_000000.npy}, {@code {prefix}_train_000001.npy} and so on, each split
 * in the order of the names. A manifest beside them is not needed. Closing unmaps them all.
 */
public final class Shards implements AutoCloseable {
    private final Path directory;
    private final Map<Split, List<Shard>> bySplit;
    private final Arena arena;

    private Shards(Path directory, Map<Split, List<Shard>> bySplit, Arena arena) {
        this.directory = directory;
        this.bySplit = bySplit;
        this.arena = arena;
    }

    /**
     * Maps every shard of a directory.
     *
     * @throws RequestException if there is no such directory or no shard in it
     * @throws dev.cria.WorkException if a shard's header and size disagree
     */
    public static Shards open(Path directory) {
        Arena arena = Arena.ofShared();
        try {
            Map<Split, List<Shard>> bySplit = new EnumMap<>(Split.class);
            for (Split split : Split.values()) {
                bySplit.put(split, shards(directory, split, arena));
            }
            if (bySplit.values().stream().allMatch(List::isEmpty)) {
                throw new RequestException(
                        directory + " holds no *_train_*.npy and no *_val_*.npy",
                        "./cria prepare FILE --out " + directory);
            }
            return new Shards(directory, bySplit, arena);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static List<Shard> shards(Path directory, Split split, Arena arena) {
        Pattern name = Pattern.compile("[^.].*_" + split.inNames() + "_\\d+\\.npy");
        List<Shard> shards = new ArrayList<>();
        for (Path file : files(directory)) {
            if (name.matcher(file.getFileName().toString()).matches()) {
                shards.add(new Shard(file, tokens(file, arena)));
            }
        }
        return List.copyOf(shards);
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted(Comparator.comparing(f -> f.getFileName().toString()))
                    .toList();
        } catch (IOException _) {
            throw new RequestException(
                    directory + " is not a directory of shards", "./cria prepare FILE --out " + directory);
        }
    }

    private static Npy tokens(Path file, Arena arena) {
        Npy tokens = Npy.map(file, arena);
        if (tokens.type() == NpyType.FLOAT32 || tokens.shape().length != 1) {
            throw new RequestException(
                    file + " holds no tokens, which are one row of uint16 or uint32",
                    "remove it, or write the tokens again with: ./cria prepare");
        }
        return tokens;
    }

    public Path directory() {
        return directory;
    }

    /** The split's shards in the order of their names; possibly none. */
    public List<Shard> of(Split split) {
        return bySplit.getOrDefault(split, List.of());
    }

    /** How many tokens the split's shards hold together. */
    public long tokens(Split split) {
        return of(split).stream().mapToLong(Shard::length).sum();
    }

    /**
     * The split's windows.
     *
     * @param vocabulary one more than the largest id the model knows
     * @throws RequestException if there is not one whole window
     */
    public Windows windows(Split split, int sequenceLength, int vocabulary, WindowOrder order) {
        if (of(split).isEmpty()) {
            throw new RequestException(
                    directory + " holds no *_" + split.inNames() + "_*.npy",
                    "./cria prepare FILE --out " + directory + ", which writes both splits");
        }
        return new Windows(of(split), sequenceLength, vocabulary, order);
    }

    @Override
    public void close() {
        arena.close();
    }
}
