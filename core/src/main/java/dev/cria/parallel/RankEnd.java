package dev.cria.parallel;

import dev.cria.WorkException;

/**
 * How a set of ranks ended.
 *
 * @param rank which one decided it: the one that was killed, or else the first to fail; 0 if all went well
 * @param code its exit code, over 128 for signals
 */
record RankEnd(int rank, int code, Cause cause) {
    private static final int SIGNALS = 128;
    private static final int WORK_FAILED = 1;
    private static final int REQUEST_WRONG = 2;
    private static final int INTERRUPTED = 130;
    private static final int KILLED = SIGNALS + 9;
    private static final int TERMINATED = SIGNALS + 15;

    /** Whether somebody has asked the ranks to stop. */
    enum Cause {
        THEIR_OWN,
        /** There can be more of them. */
        GROWTH,
        INTERRUPTION
    }

    /** True where they have stopped so that more can go on; one that was still starting ends by the signal itself. */
    boolean isGrowth() {
        return cause == Cause.GROWTH && (code == INTERRUPTED || code == TERMINATED);
    }

    /** True after a failure that the same command need not run into again. */
    boolean isWorthRestarting() {
        return cause != Cause.INTERRUPTION && code != 0 && code != REQUEST_WRONG && code != INTERRUPTED;
    }

    /** One sentence on what happened. */
    String story() {
        return code > SIGNALS
                ? "rank " + rank + " was killed by signal " + (code - SIGNALS)
                : "rank " + rank + " failed with exit code " + code;
    }

    /** The exit code of the whole; a rank that was killed could not tell why, so it is told here. */
    int exitCode() {
        if (cause == Cause.INTERRUPTION && code > SIGNALS) {
            return INTERRUPTED;
        }
        if (code > SIGNALS && code != INTERRUPTED) {
            throw new WorkException(
                    story() + ", and the other ranks were ended",
                    (code == KILLED ? "memory may have run out (dmesg tells); " : "")
                            + "--resume continues from the last checkpoint, and --max-restarts N does so by itself");
        }
        return code == 0 || code == REQUEST_WRONG || code == INTERRUPTED ? code : WORK_FAILED;
    }
}
