package dev.cria.train;

import dev.cria.data.Shard;
import dev.cria.data.ShardManifest;
import dev.cria.data.ShardManifest.ShardInfo;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sha256 of each shard of a directory. The manifest beside them knows it; only a shard that was written after its
 * manifest, or has none, is read for it.
 */
final class ShardHashes {
    private ShardHashes() {}

    static Map<String, String> of(Shards shards) {
        Optional<ShardManifest> manifest = ShardManifest.read(shards.directory());
        Path file = shards.directory().resolve(ShardManifest.NAME);
        List<Shard> all = new ArrayList<>();
        for (Split split : Split.values()) {
            all.addAll(shards.of(split));
        }
        Map<String, String> hashes = new ConcurrentHashMap<>();
        all.parallelStream()
                .forEach(shard -> hashes.put(
                        shard.name(),
                        manifest.filter(_ -> !isNewer(shard.file(), file))
                                .flatMap(m -> stated(m, shard))
                                .orElseGet(() -> AtomicFiles.sha256(shard.file()))));
        return new TreeMap<>(hashes);
    }

    private static Optional<String> stated(ShardManifest manifest, Shard shard) {
        return manifest.shards().stream()
                .filter(s -> s.name().equals(shard.name()) && s.tokens() == shard.length())
                .map(ShardInfo::sha256)
                .findFirst();
    }

    private static boolean isNewer(Path file, Path manifest) {
        try {
            return Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(manifest)) > 0;
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }
}
