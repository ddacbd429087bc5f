package dev.cria.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar holds all that Spark does not bring: it is submitted to a Spark without Cria's class path. */
final class SubmittedJarIT {
    private static final List<String> IN_THE_JAR = List.of(
            "cria-",
            "/target/",
            "/tools/jackson/",
            "/picocli/",
            "/opennlp/",
            "/bwaldvogel/",
            "/knuddels/",
            "/jerolba/",
            "/snakeyaml/snakeyaml-engine/");

    @TempDir
    Path directory;

    @Test
    void sparkSubmitRunsTheJarAlone() throws Exception {
        Path corpus = Files.writeString(directory.resolve("corpus.jsonl"), """
            {"text": "The first document says one thing.", "score": 4}
            {"text": "the FIRST document says one thing.", "score": 4}
            {"text": "The second document says another thing.", "score": 4.5}
            {"text": "The third document is of little use.", "score": 1}
            """);
        Path filters = Files.writeString(directory.resolve("mine.yaml"), "- language: {keep: [eng]}\n- edu_score\n");
        assertThat(submit(corpus.toString(), "--filters", filters.toString(), "--dedup", "minhash"))
                .contains("2 of 4 documents kept");
        assertThat(submit(directory.resolve("nowhere").toString()))
                .contains("error: ", "there is no ", "nowhere", "hint: ");
    }

    private String submit(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                sparksOwn(),
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                "local[2]",
                "--conf",
                "spark.ui.enabled=false",
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.sql.shuffle.partitions=2",
                "--class",
                "dev.cria.spark.Main",
                Path.of("target/cria-spark.jar").toAbsolutePath().toString(),
                "prepare",
                "--out",
                directory.resolve("out").toString()));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(3, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    private static String sparksOwn() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> IN_THE_JAR.stream().noneMatch(entry.replace('\\', '/')::contains))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
