package dev.cria.data.prepare;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.ShardManifest;
import dev.cria.data.ShardManifest.ShardInfo;
import dev.cria.data.ShardManifest.TokenizerInfo;
import dev.cria.data.Split;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.source.Sources;
import dev.cria.data.source.Sources.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Turns raw text into shards: scan for duplicates where they are to go, then judge, tokenise and cut, then tell. Killed
 * at any instant and started again with the same request it continues, and the files it leaves are the same bytes.
 */
public final class Prepare {
    private static final int NAMED = 20;
    /** A token and the one that follows it. */
    private static final int SMALLEST_WINDOW = 2;
    /** The default of batch.sequence_length. */
    private static final int USUAL_SEQUENCE = 1024;

    private final PrepareRequest request;
    private final Progress progress;

    private Prepare(PrepareRequest request, Progress progress) {
        this.request = request;
        this.progress = progress;
    }

    /**
     * Prepares, or finds that it was done before.
     *
     * @return the manifest written beside the shards
     */
    public static ShardManifest run(PrepareRequest request, Progress progress) {
        return new Prepare(request, progress).run();
    }

    private ShardManifest run() {
        Map<String, Object> asked = asked();
        Optional<ShardManifest> before = finishedBefore(asked);
        if (before.isPresent()) {
            Workspace.removeLeftover(request.out());
            progress.say(request.out() + " was prepared before; nothing is left to do");
            return before.get();
        }
        sayPassedOver();
        try (Workspace workspace = Workspace.open(request.out(), withTimes(asked))) {
            ShardManifest manifest = stages(workspace, asked);
            workspace.remove();
            return manifest;
        }
    }

    private void sayPassedOver() {
        List<Sources.PassedOver> files = request.sources().passedOver();
        files.stream().limit(NAMED).forEach(file -> progress.say("passed over " + file.name() + ": " + file.reason()));
        if (files.size() > NAMED) {
            progress.say("passed over " + (files.size() - NAMED) + " more files: the report names them");
        }
    }

    private ShardManifest stages(Workspace workspace, Map<String, Object> asked) {
        Optional<Scan.Findings> scanned = request.dedup() == Dedup.NONE
                ? Optional.empty()
                : Optional.of(new Scan(request, workspace, progress).run());
        try {
            ShardStage.State state = new ShardStage(request, workspace, progress).run(scanned);
            SortedMap<Integer, Long> clusters =
                    scanned.map(s -> s.duplicates().clusterSizes()).orElseGet(TreeMap::new);
            Tally.Snapshot tally = state.ledger().tally();
            sayLost(tally);
            if (tally.count("tokens") == 0) {
                throw nothingLeft(tally);
            }
            if (state.parted() && state.shards().size() > 1) {
                progress.say("the corpus fits in one shard; its first tenth becomes the validation split");
            }
            sayHowSmall(state.shards());
            request.decisions().ifPresent(DecisionLog::publish);
            ShardManifest manifest = manifest(asked, tally, state);
            request.report().ifPresent(file -> new Report(
                            manifest, tally, clusters, request.sources().passedOver())
                    .write(file));
            manifest.write(request.out());
            return manifest;
        } finally {
            scanned.ifPresent(Scan.Findings::close);
        }
    }

    private void sayLost(Tally.Snapshot tally) {
        tally.losses().forEach(loss -> progress.say("lost the rest of a file: " + loss));
        long unreadable = tally.count("dropped.unreadable");
        if (unreadable > 0) {
            String first = tally.examples().getOrDefault("unreadable", List.of()).stream()
                    .map(Tally.Example::detail)
                    .findFirst()
                    .orElse("");
            progress.say("skipped " + unreadable + " documents that cannot be read, the first of them: " + first);
        }
    }

    private static RequestException nothingLeft(Tally.Snapshot tally) {
        long documents = tally.count("documents");
        return documents == 0
                ? new RequestException("the input has 0 documents", "name files that are not empty")
                : new RequestException(
                        "no document is left of " + documents + " read",
                        "look at why: --decisions decisions.jsonl, and try other filters");
    }

    private void sayHowSmall(List<ShardInfo> shards) {
        long most = shards.stream()
                .filter(shard -> shard.split().equals(Split.TRAIN.inNames()))
                .mapToLong(ShardInfo::tokens)
                .max()
                .orElse(0);
        if (most < SMALLEST_WINDOW) {
            progress.say("the corpus is too small to train on: its training split has " + most
                    + " tokens; give more text, thousands of words at least");
        } else if (most <= USUAL_SEQUENCE) {
            progress.say("the corpus is small: the longest training shard has " + most
                    + " tokens; train with --set batch.sequence_length=" + (most - 1) + " or less");
        }
    }

    private ShardManifest manifest(Map<String, Object> asked, Tally.Snapshot tally, ShardStage.State state) {
        TokenizerInfo tokenizer = new TokenizerInfo(
                request.tokenizerName(),
                request.tokenizer().fingerprint(),
                request.tokenizer().vocabularySize(),
                request.tokenizer().endOfText().orElseThrow());
        return new ShardManifest(
                tokenizer,
                asked,
                tally.count("documents"),
                tally.count("kept_documents"),
                tally.count("kept_bytes"),
                tally.count("tokens"),
                state.shards());
    }

    /** All that decides the bytes written, and nothing that does not. */
    private Map<String, Object> asked() {
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put(
                "sources",
                request.sources().files().stream().map(f -> f.describe()).toList());
        request.sources().reading().describe(asked);
        asked.put("prefix", request.prefix());
        asked.put("shard_tokens", request.shardTokens());
        asked.put(
                "shuffle_seed",
                request.shuffleSeed().isPresent() ? request.shuffleSeed().getAsLong() : "none");
        asked.putAll(request.curation().describe());
        asked.put("report", request.report().isPresent());
        asked.put("decisions", request.decisions().isPresent());
        return asked;
    }

    /** With the input's times, so that a file changed between a kill and the next start is noticed. */
    private Map<String, Object> withTimes(Map<String, Object> asked) {
        Map<String, Object> all = new LinkedHashMap<>(asked);
        all.put(
                "times",
                request.sources().files().stream()
                        .map(InputFile::modifiedMillis)
                        .toList());
        return all;
    }

    private Optional<ShardManifest> finishedBefore(Map<String, Object> asked) {
        Optional<ShardManifest> manifest = ShardManifest.read(request.out());
        if (manifest.isPresent() && manifest.get().answers(asked) && outputsAreThere()) {
            return manifest;
        }
        if (manifest.isPresent() || !Files.isDirectory(request.out().resolve(Workspace.NAME)) && holdsShards()) {
            throw new RequestException(
                    request.out() + " already holds shards of another request",
                    "choose another --out, or start over: rm -r " + request.out());
        }
        return Optional.empty();
    }

    private boolean outputsAreThere() {
        return request.decisions().map(Files::exists).orElse(true)
                && request.report().map(Report::page).map(Files::exists).orElse(true);
    }

    private boolean holdsShards() {
        try (Stream<Path> files = Files.list(request.out())) {
            return files.anyMatch(f -> f.getFileName().toString().endsWith(".npy"));
        } catch (IOException _) {
            return false;
        }
    }
}
