package dev.cria.data.prepare;

import dev.cria.Progress;
import dev.cria.data.ShardManifest.ShardInfo;
import dev.cria.data.source.Blocks;
import java.util.List;
import java.util.Optional;

/**
 * The walk that tokenises and writes shards. After each shard its state goes to disk, so that interrupted work goes on
 * with the first token of the shard it was at.
 */
final class ShardStage {

    /**
     * How far the shards have come.
     *
     * @param next the first token that is in no finished shard
     * @param ledger what was entered before the document of that token
     * @param complete whether all shards are there
     */
    record State(List<ShardInfo> shards, Cursor next, Ledger.Mark ledger, boolean complete, boolean parted) {
        static final State START = new State(List.of(), Cursor.START, Ledger.Mark.START, false, false);
    }

    private static final String FILE = "shards.json";

    private final PrepareRequest request;
    private final Workspace workspace;
    private final Progress progress;

    ShardStage(PrepareRequest request, Workspace workspace, Progress progress) {
        this.request = request;
        this.workspace = workspace;
        this.progress = progress;
    }

    /** Writes the shards that are not there yet, and returns the state in which all are. */
    State run(Optional<Scan.Findings> scanned) {
        State from = workspace.read(FILE, State.class).orElse(State.START);
        if (from.complete()) {
            return from;
        }
        if (!from.shards().isEmpty()) {
            progress.say("resuming after " + from.shards().size() + " finished shards");
        }
        State complete = request.shuffleSeed().isPresent() ? shuffled(from, scanned) : inInputOrder(from, scanned);
        workspace.write(FILE, complete);
        return complete;
    }

    private record JudgedBlock(long number, long bytes, List<Outcome> outcomes) {}

    private State inInputOrder(State from, Optional<Scan.Findings> scanned) {
        Judge judge = new Judge(request.curation(), scanned);
        try (Ledger ledger = Ledger.open(request, from.ledger());
                ShardCutter cutter = new ShardCutter(
                        request,
                        from.shards(),
                        (shards, next) -> workspace.write(FILE, new State(shards, next, ledger.mark(), false, false)));
                Blocks blocks = request.sources().blocks();
                Rate rate = Rate.begin(progress, "tokenise", request.sources().bytes())) {
            OrderedWork.run(
                    new NumberedBlocks(blocks, from.next().block(), rate),
                    b -> new JudgedBlock(b.number(), b.block().bytes(), judge.judge(b.number(), b.block())),
                    block -> {
                        enter(block, from.next(), ledger, cutter);
                        rate.advance(block.bytes(), block.outcomes().size());
                    },
                    request.workers());
            return complete(cutter, ledger.mark());
        }
    }

    private static void enter(JudgedBlock block, Cursor from, Ledger ledger, ShardCutter cutter) {
        boolean resumed = block.number() == from.block();
        for (int row = resumed ? from.row() : 0; row < block.outcomes().size(); row++) {
            Outcome outcome = block.outcomes().get(row);
            int token = resumed && row == from.row() ? from.token() : 0;
            // Tokens first: a shard that ends within them is committed with the ledger as it was before this row.
            cutter.append(outcome.tokens(), new Cursor(block.number(), row, token));
            ledger.enter(outcome);
        }
    }

    private State shuffled(State from, Optional<Scan.Findings> scanned) {
        Shuffle shuffle = new Shuffle(request, workspace, progress);
        Ledger.Mark ledger = shuffle.spill(scanned);
        try (ShardCutter cutter = new ShardCutter(
                        request,
                        from.shards(),
                        (shards, next) -> workspace.write(FILE, new State(shards, next, ledger, false, false)));
                Progress.Task task = progress.begin("shuffle", "buckets", shuffle.buckets())) {
            task.advance(Math.min(shuffle.buckets(), from.next().block()));
            for (long bucket = from.next().block(); bucket < shuffle.buckets(); bucket++) {
                List<int[]> documents = shuffle.read((int) bucket);
                boolean resumed = bucket == from.next().block();
                for (int row = resumed ? from.next().row() : 0; row < documents.size(); row++) {
                    int token =
                            resumed && row == from.next().row() ? from.next().token() : 0;
                    cutter.append(documents.get(row), new Cursor(bucket, row, token));
                }
                task.advance(1);
            }
            return complete(cutter, ledger);
        }
    }

    private static State complete(ShardCutter cutter, Ledger.Mark ledger) {
        boolean parted = cutter.isPartedOnFinish();
        return new State(cutter.finish(), Cursor.END, ledger, true, parted);
    }
}
