package dev.cria.spark;

import dev.cria.data.ShardManifest.ShardInfo;
import dev.cria.data.Split;
import dev.cria.data.prepare.FirstTenth;
import dev.cria.format.NpyType;
import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What a task needs to write one shard.
 *
 * @param type of the tokens
 * @param shardTokens most tokens in a shard
 * @param allTokens in all shards
 * @param endOfText the token that begins each document
 */
record ShardWriter(
        String out,
        String prefix,
        NpyType type,
        long shardTokens,
        long allTokens,
        int endOfText,
        Broadcast<SerializableConfiguration> hadoop)
        implements Serializable {

    /** Writes a shard; where all fits into the first, parts it into validation and training. */
    List<ShardInfo> write(int shard, Iterator<byte[]> runs) {
        if (allTokens > shardTokens) {
            long tokens = Math.min(shardTokens, allTokens - shard * shardTokens);
            return List.of(writeFile(shard, tokens, runs));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        runs.forEachRemaining(all::writeBytes);
        byte[] bytes = all.toByteArray();
        int tokens = bytes.length / type.bytes();
        int cut = FirstTenth.of(decode(bytes, tokens), endOfText);
        if (cut == 0 || cut == tokens) {
            return List.of(writeFile(0, tokens, List.of(bytes).iterator()));
        }
        byte[] validation = Arrays.copyOf(bytes, cut * type.bytes());
        byte[] training = Arrays.copyOfRange(bytes, validation.length, bytes.length);
        return List.of(
                writeFile(0, cut, List.of(validation).iterator()),
                writeFile(1, tokens - cut, List.of(training).iterator()));
    }

    private int[] decode(byte[] bytes, int count) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = type == NpyType.UINT16 ? Short.toUnsignedInt(buffer.getShort()) : buffer.getInt();
        }
        return tokens;
    }

    private ShardInfo writeFile(int shard, long tokens, Iterator<byte[]> runs) {
        String name = Split.fileName(prefix, shard);
        String sha256 = ShardFile.write(
                new Path(out, name), type, tokens, runs, hadoop.value().value());
        return new ShardInfo(name, Split.ofShard(shard).inNames(), tokens, sha256);
    }
}
