package dev.cria.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SourcesTest {
    @TempDir
    Path directory;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(directory.resolve("b/c"));
        for (String name : List.of("b/2.txt", "a.jsonl", "b/1.md", "b/c/3.jsonl.gz", "b/.hidden.txt", "b/x.bin")) {
            Files.writeString(directory.resolve(name), "{\"text\":\"" + name + "\"}\n");
        }
    }

    @Test
    void aDirectoryIsWalkedInTheOrderOfItsPathsAndUnknownFilesLeftOut() {
        assertThat(names(directory)).containsExactly("a.jsonl", "b/1.md", "b/2.txt", "b/c/3.jsonl.gz");
    }

    @Test
    void globsMatchWithinAndAcrossDirectories() {
        assertThat(names(directory.resolve("b/*.txt"))).containsExactly("b/.hidden.txt", "b/2.txt");
        assertThat(names(directory.resolve("**.jsonl*"))).containsExactly("a.jsonl", "b/c/3.jsonl.gz");
    }

    @Test
    void inputsKeepTheOrderInWhichTheyAreNamedAndAnyFileCanBeNamed() {
        assertThat(names(directory.resolve("b/x.bin"), directory.resolve("a.jsonl")))
                .containsExactly("b/x.bin", "a.jsonl");
    }

    @Test
    void aTextFileIsOneDocument() {
        Row.Document document =
                (Row.Document) Rows.of(directory.resolve("b/2.txt")).getFirst();
        assertThat(document.text()).isEqualTo("{\"text\":\"b/2.txt\"}\n");
        assertThat(document.row()).isZero();
    }

    @Test
    void whatLeadsNowhereIsRefused() {
        assertThatThrownBy(() -> Rows.sources(directory.resolve("none.txt")))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("none.txt is not there");
        assertThatThrownBy(() -> Rows.sources(directory.resolve("*.parquet")))
                .hasMessageContaining("leads to no file that can be read");
        assertThatThrownBy(() -> Rows.sources(Path.of("hf:/datasets"))).hasMessageContaining("is not there");
    }

    private List<String> names(Path... inputs) {
        return Rows.sources(inputs).files().stream()
                .map(f -> directory.relativize(f.path()).toString())
                .toList();
    }
}
