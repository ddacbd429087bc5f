package dev.cria.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.primer.PrimerOptions.Size;
import dev.cria.train.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All stages but the ranks, each a few steps long. */
@Tag("slow")
final class DemoTest {
    private static final DemoSize TINY = new DemoSize(
            0,
            Size.QUICK,
            600,
            1 << 14,
            Map.of("preset", "nano"),
            128,
            4,
            1e-3,
            24,
            48,
            1,
            2,
            1000,
            4,
            List.of(Fork.WITH_STATE, Fork.WITHOUT_STATE),
            6,
            6,
            3,
            2);

    @TempDir
    Path folder;

    @Test
    void everyStageLeavesItsPartOfThePage() throws IOException {
        var files = new DemoFiles(folder.resolve("demo"));
        String closing = demo(files).run().orElseThrow().text();
        assertThat(closing)
                .contains("Kneser-Ney trigram", "hellaswag", "winogrande", "without-state", "Report: ")
                .contains("with-state                at most +0.0000 in 6 steps")
                .doesNotContain("NaN", "null");

        String page = Files.readString(files.report().resolve("index.html"));
        for (String section : List.of(
                "training",
                "baselines",
                "completions",
                "benchmarks",
                "facts",
                "progress",
                "restarts",
                "judged",
                "table-5",
                "model",
                "data",
                "speed",
                "reproduce")) {
            assertThat(page).contains("<section id=\"" + section + "\"");
        }
        assertThat(files.report().resolve("tables/exact-match.csv")).exists();
        assertThat(files.report().resolve("tables/benchmarks-heldout.csv")).exists();
        assertThat(Files.readString(files.report().resolve("tables/restart-healing.csv")))
                .contains("with-state,6,with", "without-state,6,without");

        assertThatThrownBy(() -> demo(files).run())
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("holds a demo already");
    }

    private static Demo demo(DemoFiles files) {
        return new Demo(files, TINY, 3, OptionalInt.empty(), DemoTest.class, Progress.silent(), Interruption.never());
    }
}
