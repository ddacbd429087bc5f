package dev.cria.train;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What one kind of training adds to the way in which all of them begin, resume and fork, which is {@link Runs}'.
 *
 * @param <R> its configuration
 */
public interface TrainingKind<R extends Record> {

    /** The command that starts and resumes it. */
    String command();

    R defaults();

    /** The run's directory. */
    Path out(R recipe);

    /** The schedule's horizon. */
    long steps(R recipe);

    /** The configuration's values that name files or directories, by the path of their key. */
    Map<String, String> paths(R recipe);

    /** Why a key keeps its value as long as the run lives, and what to do instead; empty where it may change. */
    Optional<Fixed> fixed(String key);

    /** Why a key is fixed, as the end of a sentence, and a hint. */
    record Fixed(String because, String hint) {}

    /** What the change of a key means for a run that resumes; empty where nothing has to be said. */
    Optional<String> consequence(Change change, R recipe, long step);

    /** A key of the configuration whose value is another than the checkpoint's. */
    record Change(String key, String before, String now) {}

    /** Whether the optimizer's moments of a checkpoint can be taken over under another value of a key. */
    default boolean decidesMoments(String key) {
        return key.equals("optimizer.state");
    }

    /**
     * Checks a configuration against the data, the model, the machine and the processes.
     *
     * @param origin where the weights come from
     * @throws dev.cria.RequestException for whatever the training would stumble over; nothing is written
     */
    Ready check(R recipe, Origin origin, RunContext context, Fit fit);

    /** Brings what lies beside the checkpoints of a finished run up to date, and says where it is. */
    default Optional<String> finish(Path run, Path checkpoint) {
        return Optional.empty();
    }

    /** Whether a training that does not fit in memory is refused. */
    enum Fit {
        REQUIRED,
        /** It is tried all the same. */
        FORCED
    }

    /** A request that was checked whole, with its files open. */
    interface Ready extends AutoCloseable {

        /** Hashes of the tokenizer and of each file of the data by name: what a checkpoint remembers. */
        Map<String, String> inputs();

        /** Makes the model and all that a step needs. The caller closes it. */
        Training load();

        @Override
        void close();
    }
}
