package dev.cria.data.prepare;

import java.util.Optional;

/** Where every outcome is entered: the tally, and the log of decisions if one was asked for. */
final class Ledger implements AutoCloseable {

    /** How far a ledger had come. */
    record Mark(Tally.Snapshot tally, long decisionBytes) {
        static final Mark START = new Mark(Tally.Snapshot.EMPTY, 0);
    }

    private final Tally tally;
    private final Optional<DecisionLog> decisions;

    private Ledger(Tally tally, Optional<DecisionLog> decisions) {
        this.tally = tally;
        this.decisions = decisions;
    }

    static Ledger open(PrepareRequest request, Mark from) {
        return new Ledger(
                new Tally(from.tally()), request.decisions().map(file -> DecisionLog.open(file, from.decisionBytes())));
    }

    void enter(Outcome outcome) {
        tally.add(outcome);
        decisions.ifPresent(log -> log.add(outcome));
    }

    /** Brings the decisions to the disk and tells how far the ledger has come. */
    Mark mark() {
        return new Mark(tally.snapshot(), decisions.map(DecisionLog::commit).orElse(0L));
    }

    @Override
    public void close() {
        decisions.ifPresent(DecisionLog::close);
    }
}
