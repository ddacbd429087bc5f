package dev.cria.api;

import dev.cria.format.ConfigFile;
import dev.cria.train.Pretraining;
import dev.cria.train.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Pretrains models on token shards. */
public final class Trainer {
    private Trainer() {}

    /**
     * A new run.
     *
     * @param configuration in YAML; every key is in docs/keys.md
     * @param out directory of the run, which must not hold one yet
     */
    public static Training of(Path configuration, Path out) {
        return Training.begin(
                new Pretraining(),
                overrides -> ConfigFile.read(configuration, Recipe.defaults(), overrides),
                Optional.empty(),
                List.of(ConfigFile.setting("out", out.toString())));
    }

    /** Goes on with a run from its newest checkpoint, bit for bit as if it had never stopped. */
    public static Training resume(Path run) {
        return Training.resume(new Pretraining(), run);
    }

    /**
     * A new run that begins at another's checkpoint, with the optimizer's state.
     *
     * @param step of the checkpoint
     */
    public static Training fork(Path run, long step, Path out) {
        return Training.fork(new Pretraining(), run, step, out);
    }
}
