package dev.cria.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Golden numbers of reference programs: those in the repository, whose generators lie in {@code src/test/oracle}, and a
 * larger set of the same layout where there is one ({@code CRIA_ORACLES}).
 */
public final class Oracles {
    private static final Path REPOSITORY = Path.of("src/test/resources/oracle");
    private static final Path LARGER = Path.of(System.getenv().getOrDefault("CRIA_ORACLES", "../../shared/oracle"));

    private Oracles() {}

    /** A folder of the repository's set, such as {@code sft/lora}. */
    public static Path folder(String name) {
        Path folder = REPOSITORY.resolve(name);
        assertThat(folder).isDirectory();
        return folder;
    }

    /** A file of the repository's set. */
    static Path file(String name) {
        Path file = REPOSITORY.resolve(name);
        assertThat(file).isRegularFile();
        return file;
    }

    /** That folder, and its like in the larger set. */
    public static Stream<Path> folders(String name) {
        return Stream.of(folder(name), LARGER.resolve(name)).filter(Files::isDirectory);
    }

    /** Each reference model, with its data and expectations. */
    public static List<Path> models() {
        return folders("llama").flatMap(Oracles::subfolders).toList();
    }

    private static Stream<Path> subfolders(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
