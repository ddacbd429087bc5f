package dev.cria.data.prepare;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.ShardManifest;
import dev.cria.data.ShardManifest.TokenizerInfo;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.source.Sources.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Turns raw text into shards: scan for duplicates where they are to go, then judge, tokenise and cut, then tell. Killed
 * at any instant and started again with the same request it goes on, and the files it leaves are the same bytes.
 */
public final class Prepare {
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
        try (Workspace workspace = Workspace.open(request.out(), withTimes(asked))) {
            ShardManifest manifest = stages(workspace, asked);
            workspace.remove();
            return manifest;
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
            if (tally.count("tokens") == 0) {
                throw new RequestException(
                        "no document is left of " + tally.count("documents") + " read",
                        "look at why: --report report.html --decisions decisions.jsonl, with other filters");
            }
            if (state.parted()) {
                progress.say("the corpus fills no second shard: the first tenth of its documents is for validation");
            }
            request.decisions().ifPresent(DecisionLog::publish);
            ShardManifest manifest = manifest(asked, tally, state);
            request.report().ifPresent(file -> new Report(manifest, tally, clusters).write(file));
            manifest.write(request.out());
            return manifest;
        } finally {
            scanned.ifPresent(Scan.Findings::close);
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
        asked.put("text_field", request.sources().textField());
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
