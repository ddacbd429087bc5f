package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The blocks of docs/first-hour.md one after the other in bash, in a folder that has the launcher and the examples as a
 * clone has them. A few words are others, so that a minute is enough: each of these must be on the page.
 */
@DisabledOnOs(OS.WINDOWS)
@Tag("slow")
@Timeout(600)
final class FirstHourIT {
    private static final Map<String, String> SHORTER = new LinkedHashMap<>();

    static {
        // Which DemoTest runs.
        SHORTER.put("./cria demo --quick --out first/demo\n", "");
        SHORTER.put("--vocab-size 4096", "--vocab-size 400");
        SHORTER.put("schedule.steps=300", "schedule.steps=3");
        SHORTER.put("--set checkpoint.every=100", "--set checkpoint.every=1 --set validation.batches=1");
        SHORTER.put("schedule.steps=400", "schedule.steps=4");
        SHORTER.put("--at 200", "--at 2");
        SHORTER.put("schedule.steps=100", "schedule.steps=2");
        SHORTER.put("--hours 8", "--hours 0.2");
    }

    @TempDir
    Path folder;

    @Test
    void everyBlockRuns() throws Exception {
        Files.createSymbolicLink(folder.resolve("cria"), FirstHour.HOME.resolve("cria"));
        Files.createSymbolicLink(folder.resolve("examples"), FirstHour.HOME.resolve("examples"));
        List<String> blocks = new ArrayList<>(FirstHour.blocks());
        for (Map.Entry<String, String> words : SHORTER.entrySet()) {
            assertThat(String.join("", blocks)).contains(words.getKey());
            blocks.replaceAll(block -> block.replace(words.getKey(), words.getValue()));
        }
        for (String block : blocks) {
            run(block);
        }
        for (String written : List.of(
                "first/slower/checkpoints/step-0000004/model.safetensors",
                "first/report/index.html",
                "first/tuned/adapter/adapter_config.json",
                "first/compare.md",
                "first/eight-hours.yaml",
                ".zfunc/_cria")) {
            assertThat(folder.resolve(written)).exists();
        }
    }

    private void run(String block) throws IOException, InterruptedException {
        Path said = folder.resolve("said.txt");
        ProcessBuilder builder = new ProcessBuilder("bash", "-e", "-o", "pipefail", "-c", block)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        int code = builder.start().waitFor();
        assertThat(code).as("%s%n%s", block, Files.readString(said)).isZero();
    }
}
