package dev.cria.spark;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;

/**
 * Writes shards to a Hadoop file system: under a hidden name that no other attempt of the task has, then renamed, so
 * that what a lost executor leaves is never taken for a shard.
 */
final class ShardFile {
    private ShardFile() {}

    /**
     * Writes a shard.
     *
     * @param pieces its tokens in their order, little-endian
     * @return the SHA-256 of the file
     */
    static String write(Path target, NpyType type, long tokens, Iterator<byte[]> pieces, Configuration hadoop) {
        long attempt = TaskContext.get().taskAttemptId();
        Path temporary = new Path(target.getParent(), "." + target.getName() + "." + attempt + ".tmp");
        MessageDigest digest = AtomicFiles.sha256();
        try {
            FileSystem files = target.getFileSystem(hadoop);
            files.setWriteChecksum(false);
            long written = 0;
            try (OutputStream out = new DigestOutputStream(files.create(temporary, true), digest)) {
                out.write(Npy.header(type, tokens));
                while (pieces.hasNext()) {
                    byte[] piece = pieces.next();
                    out.write(piece);
                    written += piece.length;
                }
            }
            if (written != tokens * type.bytes()) {
                throw new IllegalStateException(
                        "%s was to have %d tokens and got %d bytes".formatted(target, tokens, written));
            }
            // Another attempt may have come first; its bytes are the same.
            if (!files.rename(temporary, target)) {
                files.delete(temporary, false);
            }
        } catch (IOException e) {
            throw new WorkException(
                    "cannot write " + target + ": " + e.getMessage(), "hadoop fs -df -h " + target.getParent(), e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
