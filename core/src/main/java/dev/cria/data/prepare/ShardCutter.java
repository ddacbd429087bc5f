package dev.cria.data.prepare;

import dev.cria.data.ShardManifest.ShardInfo;
import dev.cria.data.Split;
import dev.cria.format.AtomicFiles;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.format.NpyWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the stream of tokens into shards, whatever documents they fall into. Shard 0 is for validation. A shard is
 * finished when the next token comes, since only then it is known not to be the last.
 */
final class ShardCutter implements AutoCloseable {
    /**
     * Told of each finished shard before it gets its name: a shard that has its name is never written again, and one
     * that was told of and has none gets it when the work goes on.
     */
    @FunctionalInterface
    interface Finished {
        void commit(List<ShardInfo> shards, Cursor next);
    }

    private final PrepareRequest request;
    private final NpyType type;
    private final Finished finished;
    private final List<ShardInfo> shards;
    private @Nullable NpyWriter writer;

    ShardCutter(PrepareRequest request, List<ShardInfo> done, Finished finished) {
        this.request = request;
        this.type = NpyType.forVocabulary(request.tokenizer().vocabularySize());
        this.shards = new ArrayList<>(done);
        this.finished = finished;
        if (!shards.isEmpty()) {
            NpyWriter.publish(file(shards.size() - 1));
        }
    }

    /** Appends {@code tokens} from {@code at.token()} on; {@code at} tells whose tokens they are. */
    void append(int[] tokens, Cursor at) {
        int from = at.token();
        while (from < tokens.length) {
            NpyWriter shard = writer == null ? begin() : writer;
            long room = request.shardTokens() - shard.count();
            if (room == 0) {
                finishShard(shard, new Cursor(at.block(), at.row(), from));
                continue;
            }
            int to = (int) Math.min(tokens.length, from + room);
            shard.append(tokens, from, to);
            from = to;
        }
    }

    private NpyWriter begin() {
        writer = NpyWriter.create(file(shards.size()), type);
        return writer;
    }

    private void finishShard(NpyWriter shard, Cursor next) {
        int number = shards.size();
        shards.add(info(number, shard.count(), shard.complete()));
        writer = null;
        finished.commit(List.copyOf(shards), next);
        NpyWriter.publish(file(number));
    }

    private ShardInfo info(int number, long tokens, Path written) {
        return new ShardInfo(
                Split.fileName(request.prefix(), number),
                Split.ofShard(number).inNames(),
                tokens,
                AtomicFiles.sha256(written));
    }

    private Path file(int number) {
        return request.out().resolve(Split.fileName(request.prefix(), number));
    }

    /**
     * Ends the stream: completes the last shard, or, where everything fitted the first, parts it into validation and
     * training.
     *
     * @return all shards
     */
    List<ShardInfo> finish() {
        NpyWriter last = writer;
        if (last != null && shards.isEmpty()) {
            writer = null;
            last.commit();
            shards.add(info(0, last.count(), file(0)));
            part();
        } else if (last != null) {
            finishShard(last, Cursor.END);
        }
        return List.copyOf(shards);
    }

    /** Whether all tokens fit into the first shard, so that validation takes only a tenth of the documents. */
    boolean isPartedOnFinish() {
        return shards.isEmpty() && writer != null;
    }

    private void part() {
        int[] tokens = tokens(file(0));
        int cut = FirstTenth.of(tokens, request.tokenizer().endOfText().orElseThrow());
        if (cut == 0 || cut == tokens.length) {
            return;
        }
        // Training first: until validation is short too, the state says that nothing is finished.
        Npy.write(file(1), type, Arrays.copyOfRange(tokens, cut, tokens.length));
        Npy.write(file(0), type, Arrays.copyOf(tokens, cut));
        shards.clear();
        shards.add(info(0, cut, file(0)));
        shards.add(info(1, tokens.length - cut, file(1)));
    }

    private int[] tokens(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            Npy stored = Npy.map(file, arena);
            int[] tokens = new int[Math.toIntExact(stored.count())];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = stored.tokenAt(i);
            }
            return tokens;
        }
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
    }
}
