package dev.cria.api;

import dev.cria.format.ConfigFile;
import dev.cria.tune.Tuning;
import dev.cria.tune.TuningRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Tunes models on instructions, with low-rank adapters (LoRA). */
public final class Tuner {
    private Tuner() {}

    /**
     * A new run with the paper's recipe, which {@link Training#set} changes.
     *
     * @param model a model directory, a run or {@code hf://OWNER/MODEL[@REVISION]}
     * @param rows JSON or JSON Lines with instruction, input, output; or messages
     * @param out directory of the run, which must not hold one yet; its {@code adapter} is the result
     */
    public static Training of(String model, Path rows, Path out) {
        return Training.begin(
                new Tuning(),
                overrides -> ConfigFile.defaults(TuningRecipe.defaults(), overrides),
                Optional.of(model),
                List.of(
                        ConfigFile.setting("data.files", List.of(rows.toString())),
                        ConfigFile.setting("out", out.toString())));
    }

    /** Goes on with a run from its newest checkpoint, bit for bit as if it had never stopped. */
    public static Training resume(Path run) {
        return Training.resume(new Tuning(), run);
    }
}
