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
        assertThat(names(directory)).containsExactly("a.jsonl", "b/2.txt", "b/c/3.jsonl.gz");
    }

    @Test
    void whatADirectoryHoldsBesideItsDataIsPassedOverWithAReason() throws IOException {
        for (String name : List.of(
                "README.md",
                "LICENSE.txt",
                "dataset_infos.json",
                ".cache/a.jsonl",
                "_SUCCESS",
                "licenses.jsonl",
                "t.csv")) {
            Files.createDirectories(directory.resolve("set").resolve(name).getParent());
            Files.writeString(directory.resolve("set").resolve(name), "{}");
        }
        Sources sources = Rows.sources(directory.resolve("set"));
        assertThat(sources.files())
                .singleElement()
                .extracting(file -> file.path().getFileName().toString())
                .isEqualTo("licenses.jsonl");
        assertThat(sources.passedOver())
                .extracting(file -> Path.of(file.name()).getFileName() + " " + file.reason())
                .containsExactlyInAnyOrder(
                        "README.md about the data",
                        "LICENSE.txt about the data",
                        "dataset_infos.json describes the data",
                        "a.jsonl hidden",
                        "_SUCCESS hidden",
                        "t.csv unknown ending");
        Files.delete(directory.resolve("set/licenses.jsonl"));
        assertThatThrownBy(() -> Rows.sources(directory.resolve("set")))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("has no file that can be read; passed over: ");
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
                .hasMessageContaining("there is no ");
        assertThatThrownBy(() -> Rows.sources(directory.resolve("*.parquet")))
                .hasMessageContaining("has no file that can be read");
        assertThatThrownBy(() -> Rows.sources(Path.of("hf:/datasets"))).hasMessageContaining("there is no ");
    }

    private List<String> names(Path... inputs) {
        return Rows.sources(inputs).files().stream()
                .map(f -> directory.relativize(f.path()).toString())
                .toList();
    }
}
