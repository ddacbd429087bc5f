package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that decides the next step besides weights and moments.
 *
 * @param step the step that runs next
 * @param tokens seen so far
 * @param optimizerSteps t of Adam's bias corrections so far
 * @param elapsedSeconds spent training, over all segments
 * @param guard what the guard remembers
 * @param lossScale what the loss is multiplied by in float16; none where a file does not say
 * @param horizon the schedule's steps
 * @param environment what results depend on besides the configuration: kernels, threads, device, types, versions
 * @param provenance configuration and data that the checkpoint was trained with; unknown where a file does not say
 */
public record TrainerState(
        long step,
        long tokens,
        long optimizerSteps,
        double elapsedSeconds,
        Guard.Memory guard,
        LossScale lossScale,
        long horizon,
        Map<String, String> environment,
        Provenance provenance) {
    static final String FILE = "trainer_state.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    public TrainerState {
        lossScale = Objects.requireNonNullElse(lossScale, LossScale.NONE);
        provenance = Objects.requireNonNullElse(provenance, Provenance.UNKNOWN);
    }

    Path write(Path directory) {
        Path file = directory.resolve(FILE);
        AtomicFiles.write(file, JSON.writeValueAsString(this) + "\n");
        return file;
    }

    public static TrainerState read(Path checkpoint) {
        Path file = checkpoint.resolve(FILE);
        try {
            return JSON.readValue(file, TrainerState.class);
        } catch (JacksonException e) {
            throw new RequestException(
                    file + " cannot be read: " + e.getOriginalMessage(), "resume from another checkpoint with --at");
        }
    }
}
