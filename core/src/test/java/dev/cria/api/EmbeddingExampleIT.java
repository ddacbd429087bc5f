package dev.cria.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example project as somebody else's: Maven builds it in a local repository that begins empty but for Cria as
 * {@code mvn install} lays it there. Every other library comes from the repository that this build has filled, which
 * stands in for the one on the network.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(300)
final class EmbeddingExampleIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir
    Path folder;

    @Test
    void itBuildsFromAFreshRepositoryTunesAndAnswers() throws Exception {
        Path project = folder.resolve("embedding");
        copy(HOME.resolve("examples/embedding/pom.xml"), project.resolve("pom.xml"));
        String source = "src/main/java/example/TuneAndAsk.java";
        copy(HOME.resolve("examples/embedding").resolve(source), project.resolve(source));
        Path repository = folder.resolve("repository");
        install(repository);

        run(project, List.of("mvn", "-q", "-B", "-s", settings(), "-Dmaven.repo.local=" + repository, "package"));
        Path model = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("model"), DType.FLOAT32);
        Path rows = folder.resolve("rows.jsonl");
        Files.writeString(rows, "{\"instruction\": \"Hum.\", \"input\": \"\", \"output\": \"Hm.\"}\n".repeat(8));
        String said = run(
                project,
                List.of(
                        JAVA_HOME.resolve("bin/java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        "target/classes" + File.pathSeparator + "target/lib/*",
                        "example.TuneAndAsk",
                        model.toString(),
                        rows.toString(),
                        folder.resolve("tuned").toString(),
                        "Hum."));

        assertThat(said.lines().filter(line -> line.matches("step \\d+: loss [\\d.,]+")))
                .hasSize(20);
        assertThat(said.lines().toList().getLast()).doesNotStartWith("step ");
        assertThat(folder.resolve("tuned/adapter/adapter_model.safetensors")).exists();
    }

    private static void install(Path repository) throws IOException {
        copy(HOME.resolve("pom.xml"), repository.resolve("dev/cria/cria/0.1.0/cria-0.1.0.pom"));
        Path core = repository.resolve("dev/cria/cria-core/0.1.0");
        copy(HOME.resolve("core/pom.xml"), core.resolve("cria-core-0.1.0.pom"));
        copy(HOME.resolve("core/target/cria.jar"), core.resolve("cria-core-0.1.0.jar"));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to);
    }

    private String settings() throws IOException {
        Path settings = folder.resolve("settings.xml");
        Files.writeString(settings, """
            <settings><mirrors><mirror>
              <id>filled</id><mirrorOf>*</mirrorOf><url>%s</url>
            </mirror></mirrors></settings>
            """.formatted(
                        Path.of(System.getProperty("local.repository")).toUri()));
        return settings.toString();
    }

    private String run(Path directory, List<String> command) throws IOException, InterruptedException {
        Path said = folder.resolve("said.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("JAVA_HOME", JAVA_HOME.toString());
        int code = builder.start().waitFor();
        assertThat(code).as(Files.readString(said)).isZero();
        return Files.readString(said);
    }
}
