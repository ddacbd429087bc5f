package dev.cria.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the command's process for good, at random instants, and starts it again. */
@Tag("slow")
final class PrepareKillIT {
    private static final int KILLS = 10;

    @TempDir
    Path directory;

    @Test
    void tenKillsAtRandomInstantsChangeNoByte() throws Exception {
        Path corpus = corpus();
        long start = System.nanoTime();
        assertThat(start(corpus, "whole").waitFor()).isZero();
        long whole = System.nanoTime() - start;
        Random random = new Random(9);
        int kills = 0;
        int mostFinished = 0;
        while (kills < KILLS) {
            Map<Path, Object> finished = identities("killed" + kills % 2);
            mostFinished = Math.max(mostFinished, finished.size());
            Process process = start(corpus, "killed" + kills % 2);
            boolean ended = process.waitFor((long) (whole * random.nextDouble()), TimeUnit.NANOSECONDS);
            process.destroyForcibly().waitFor();
            assertThat(identities("killed" + kills % 2))
                    .as("finished shards are left alone")
                    .containsAllEntriesOf(finished);
            kills += ended ? 0 : 1;
            if (ended) {
                assertSame("killed" + kills % 2);
                delete("killed" + kills % 2);
            }
        }
        for (String out : List.of("killed0", "killed1")) {
            assertThat(start(corpus, out).waitFor()).isZero();
            assertSame(out);
        }
        assertThat(mostFinished).as("some kills came between shards").isPositive();
    }

    /** What a file would lose if it were written again: its place on the disk and its time. */
    private Map<Path, Object> identities(String out) throws IOException {
        Map<Path, Object> identities = new HashMap<>();
        if (Files.isDirectory(directory.resolve(out))) {
            try (Stream<Path> all = Files.list(directory.resolve(out))) {
                for (Path file : all.filter(f -> f.toString().endsWith(".npy")).toList()) {
                    if (!file.getFileName().toString().startsWith(".")) {
                        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                        identities.put(
                                file, List.of(String.valueOf(attributes.fileKey()), attributes.lastModifiedTime()));
                    }
                }
            }
        }
        return identities;
    }

    private void assertSame(String out) throws IOException {
        SortedMap<String, byte[]> expected = files("whole");
        SortedMap<String, byte[]> found = files(out);
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, bytes) ->
                assertThat(Arrays.equals(found.get(name), bytes)).as(name).isTrue());
        assertThat(Files.readAllBytes(directory.resolve(out + ".decisions.jsonl")))
                .isEqualTo(Files.readAllBytes(directory.resolve("whole.decisions.jsonl")));
    }

    private Process start(Path corpus, String out) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.cria.cli.Main",
                        "prepare",
                        corpus.toString(),
                        "--out",
                        directory.resolve(out).toString(),
                        "--dedup",
                        "minhash",
                        "--shard-tokens",
                        "100000",
                        "--decisions",
                        directory.resolve(out + ".decisions.jsonl").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    private Path corpus() throws IOException {
        Random random = new Random(4);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 8_000; i++) {
            lines.append("{\"text\":\"");
            for (int w = random.nextInt(400); w >= 0; w--) {
                lines.append(Integer.toString(random.nextInt(46_656), 36).replaceAll("[0-9]", "o"))
                        .append(' ');
            }
            lines.append("\"}\n");
        }
        return Files.writeString(directory.resolve("corpus.jsonl"), lines);
    }

    private SortedMap<String, byte[]> files(String out) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory.resolve(out))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private void delete(String out) throws IOException {
        try (Stream<Path> all = Files.list(directory.resolve(out))) {
            for (Path file : all.toList()) {
                Files.delete(file);
            }
        }
        Files.deleteIfExists(directory.resolve(out + ".decisions.jsonl"));
    }
}
