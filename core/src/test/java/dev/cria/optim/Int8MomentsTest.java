package dev.cria.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.parallel.Ranks;
import dev.cria.train.Interruption;
import dev.cria.train.Pretraining;
import dev.cria.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

final class Int8MomentsTest {
    @TempDir
    private Path folder;

    /** The preset nano on words of a made-up language, 300 steps: the mean of the last losses is within 1%. */
    @Test
    @Tag("slow")
    void nanoLearnsAsWellWithMomentsIn8Bits() throws IOException {
        writeLanguage();
        double exact = lossAfter300("fp32");
        double rounded = lossAfter300("int8");
        assertThat(exact).isLessThan(5);
        assertThat(rounded).isCloseTo(exact, withinPercentage(1));
    }

    private double lossAfter300(String state) throws IOException {
        Path run = folder.resolve(state);
        Recipe recipe = ConfigFile.defaults(
                Recipe.defaults(),
                List.of(
                        "model.preset=nano",
                        "tokenizer=none",
                        "data.path=\"" + folder.resolve("data") + "\"",
                        "out=\"" + run + "\"",
                        "batch.sequence_length=64",
                        "batch.micro_batch=8",
                        "batch.tokens_per_step=512",
                        "optimizer.state=" + state,
                        "schedule.learning_rate=1e-3",
                        "schedule.min_learning_rate=1e-4",
                        "schedule.warmup_steps=20",
                        "schedule.steps=300",
                        "validation.every=0",
                        "benchmarks.every=0",
                        "samples.every=0",
                        "checkpoint.every=0"));
        Pretraining.runs(Progress.silent(), Ranks.solo(), Interruption.never()).start(recipe, Optional.empty());
        var json = new JsonMapper();
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .skip(280)
                .mapToDouble(l -> json.readTree(l).get("loss").asDouble())
                .average()
                .orElseThrow();
    }

    /** Each of 4000 words is followed by one of four, as often as Zipf has it. */
    private void writeLanguage() throws IOException {
        Random random = new Random(11);
        int[] tokens = new int[200_000];
        for (int i = 1; i < tokens.length; i++) {
            int choice = Math.min(3, (int) (-Math.log(random.nextDouble())));
            tokens[i] = Math.floorMod(tokens[i - 1] * 31 + choice * 977 + 7, 400);
        }
        Files.createDirectories(folder.resolve("data"));
        Npy.write(folder.resolve("data/words_train_000001.npy"), NpyType.UINT16, tokens);
    }
}
