package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code launch} and {@code pretrain} together, as a user runs them. */
@Timeout(400)
final class LaunchIT {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    @BeforeEach
    void writeData() throws IOException {
        short[] tokens = new short[5000];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (short) ((i * 7L + i * (long) i / 13) % 60);
        }
        Files.createDirectories(folder.resolve("data"));
        for (String name : List.of("t_val_000000.npy", "t_train_000001.npy")) {
            Files.write(folder.resolve("data").resolve(name), npy(tokens));
        }
        Files.writeString(folder.resolve("config.yaml"), """
            model: {hidden_size: 24, intermediate_size: 40, num_hidden_layers: 2, num_attention_heads: 2, vocab_size: 64}
            tokenizer: none
            data: {path: '%s'}
            batch: {sequence_length: 16, micro_batch: 2, tokens_per_step: 128}
            schedule: {learning_rate: 0.01, min_learning_rate: 0.001, warmup_steps: 2, steps: 40}
            precision: {compute: fp32}
            validation: {every: 0}
            checkpoint: {every: 4, keep: 9}
            log: {tensorboard: false, profile: true}
            device: cpu
            """.formatted(folder.resolve("data")));
    }

    /** NPY format 1.0: magic, version, length of the header, header, numbers. */
    private static byte[] npy(short[] numbers) {
        String header = "{'descr': '<u2', 'fortran_order': False, 'shape': (%d,), }".formatted(numbers.length);
        header = header + " ".repeat(117 - header.length()) + "\n";
        ByteBuffer bytes = ByteBuffer.allocate(128 + 2 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93)
                .put("NUMPY".getBytes())
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) 118);
        bytes.put(header.getBytes());
        for (short number : numbers) {
            bytes.putShort(number);
        }
        return bytes.array();
    }

    /** 40 steps by one rank, by two, and by one, two and one with resumes between. */
    @Test
    void lossesDoNotDependOnTheRanksThatMadeThem() throws Exception {
        String config = folder.resolve("config.yaml").toString();
        assertThat(Main.run("pretrain", "--config", config, "--out", run("one")))
                .isZero();
        String[] two = {"launch", "--nproc-per-node", "2", "pretrain", "--config", config, "--out", run("two")};
        assertThat(Main.run(two)).isZero();
        String[] moved = {
            "launch",
            "--nproc-per-node",
            "2",
            "pretrain",
            "--resume",
            run("one"),
            "--at",
            "12",
            "--until",
            "25",
            "--out"
        };
        assertThat(Main.run(
                        Stream.concat(Stream.of(moved), Stream.of(run("moved"))).toArray(String[]::new)))
                .isZero();
        assertThat(Main.run("pretrain", "--resume", run("moved"))).isZero();

        List<JsonNode> one = lines("one", "metrics.jsonl");
        for (String other : List.of("two", "moved")) {
            List<JsonNode> theirs = lines(other, "metrics.jsonl");
            assertThat(theirs).hasSize(40).hasSameSizeAs(one);
            for (int i = 0; i < one.size(); i++) {
                double expected = one.get(i).get("loss").asDouble();
                assertThat(theirs.get(i).get("loss").asDouble())
                        .as("%s, step %d", other, i)
                        .isCloseTo(expected, within(1e-5 * expected));
            }
        }
        assertThat(lines("two", "metrics.jsonl"))
                .allSatisfy(l -> assertThat(l.get("rank_tokens_per_s").size()).isEqualTo(2));
        assertThat(lines("two", "events.jsonl").stream().map(e -> e.get("event").asString()))
                .containsOnlyOnce("started", "finished");
        assertThat(lines("moved", "events.jsonl").stream()
                        .filter(e -> is(e, "started") || is(e, "resumed"))
                        .map(e -> e.get("step").asInt() + ": " + e.get("ranks").asInt()))
                .containsExactly("0: 1", "12: 2", "25: 1");
        // A second run there is refused by rank 0; both ranks end with its exit code.
        assertThat(Main.run(two)).isEqualTo(2);
    }

    /** Both ranks orthogonalise the same sums: their weights stay alike, and a resume continues to the same bits. */
    @Test
    void muonOnTwoRanksResumesToTheSameBits() throws Exception {
        String config = folder.resolve("config.yaml").toString();
        String[] two = {
            "launch", "--nproc-per-node", "2", "pretrain", "--config", config, "--set", "optimizer.kind=muon", "--out"
        };
        assertThat(Main.run(
                        Stream.concat(Stream.of(two), Stream.of(run("muon"))).toArray(String[]::new)))
                .isZero();
        String[] fork = {
            "launch", "--nproc-per-node", "2", "pretrain", "--resume", run("muon"), "--at", "20", "--out", run("fork")
        };
        assertThat(Main.run(fork)).isZero();
        String last = "checkpoints/step-0000040/";
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(folder.resolve("fork").resolve(last + file))
                    .hasSameBinaryContentAs(folder.resolve("muon").resolve(last + file));
        }
    }

    /** Whoever moves a parameter moves it alike, and a checkpoint that two have written is the one that one writes. */
    @Test
    void ranksThatShareMastersAndMomentsTrainAsThoseThatDoNot() throws Exception {
        for (String shard : List.of("none", "optimizer")) {
            assertThat(Main.run(launched(
                            "2", "pretrain", "--config", config(), "--out", run(shard), "parallel.shard=" + shard)))
                    .isZero();
        }
        assertSame("optimizer", "none");
    }

    /** One thread, as it began: with the machine's two cores, or a share of them, its sums might differ. */
    @Test
    void aReproducibleRunKeepsTheThreadsThatItBeganWith() throws Exception {
        assertThat(Main.run(
                        "launch",
                        "--threads",
                        "1",
                        "pretrain",
                        "--config",
                        config(),
                        "--set",
                        "parallel.reproducible=true",
                        "--set",
                        "schedule.steps=8",
                        "--out",
                        run("one")))
                .isZero();
        assertThat(Main.run(launched(
                        "2",
                        "pretrain",
                        "--resume",
                        run("one"),
                        "--at",
                        "4",
                        "--out",
                        run("two"),
                        "parallel.shard=gradients")))
                .isZero();
        assertSame("two", "one");
        assertThat(lines("two", "events.jsonl").stream()
                        .filter(e -> is(e, "resumed"))
                        .map(e -> e.get("environment").get("threads").asString()))
                .containsExactly("1");
        assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
        assertThat(Main.run("pretrain", "--resume", run("one"), "--at", "4", "--out", run("refused")))
                .isEqualTo(2);
        assertThat(folder.resolve("refused")).doesNotExist();
    }

    private String config() {
        return folder.resolve("config.yaml").toString();
    }

    /** @param arguments the last of which is a setting */
    private static String[] launched(String ranks, String... arguments) {
        List<String> command = new ArrayList<>(List.of("launch", "--nproc-per-node", ranks));
        command.addAll(List.of(arguments));
        command.add(command.size() - 1, "--set");
        return Stream.concat(command.stream(), Stream.of("--set", "schedule.steps=8"))
                .toArray(String[]::new);
    }

    private void assertSame(String run, String other) {
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(folder.resolve(run).resolve("checkpoints/step-0000008/" + file))
                    .hasSameBinaryContentAs(folder.resolve(other).resolve("checkpoints/step-0000008/" + file));
        }
    }

    @Test
    void aKilledRankIsReplacedAndAnInterruptionReachesAllRanksOnce() throws Exception {
        Process launcher = launcher("--max-restarts", "2");
        try {
            waitFor(() -> lines("run", "events.jsonl").stream().anyMatch(e -> is(e, "checkpoint")));
            launcher.children().findFirst().orElseThrow().destroyForcibly();
            waitFor(() -> lines("run", "events.jsonl").stream().anyMatch(e -> is(e, "resumed")));
            long resumed = lines("run", "metrics.jsonl").size();
            waitFor(() -> lines("run", "metrics.jsonl").size() > resumed);
            launcher.destroy();
            assertThat(launcher.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(launcher.exitValue()).isEqualTo(130);
        } finally {
            launcher.descendants().forEach(ProcessHandle::destroyForcibly);
            launcher.destroyForcibly();
        }
        List<JsonNode> events = lines("run", "events.jsonl");
        assertThat(events.stream().filter(e -> is(e, "interrupted"))).hasSize(1);
        long last = events.getLast().get("step").asLong();
        assertThat(folder.resolve("run/checkpoints/step-%07d".formatted(last))).isDirectory();
        List<Long> steps = lines("run", "metrics.jsonl").stream()
                .map(l -> l.get("step").asLong())
                .toList();
        assertThat(steps).doesNotHaveDuplicates().isSorted().hasSize((int) last);
    }

    /** A launcher in a process of its own, whose ranks train for longer than the test lasts. */
    private Process launcher(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("launch", "--nproc-per-node", "2"));
        command.addAll(List.of(options));
        command.addAll(
                List.of("pretrain", "--config", folder.resolve("config.yaml").toString()));
        command.addAll(List.of("--out", run("run"), "--set", "schedule.steps=1000000"));
        return new CriaProcess(folder.resolve("output")).start(command);
    }

    private String run(String name) {
        return folder.resolve(name).toString();
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void waitFor(Condition condition) throws Exception {
        while (!condition.holds()) {
            Thread.sleep(50);
        }
    }

    private static boolean is(JsonNode event, String name) {
        return event.get("event").asString().equals(name);
    }

    private List<JsonNode> lines(String run, String file) throws IOException {
        Path path = folder.resolve(run).resolve(file);
        if (!Files.exists(path)) {
            return List.of();
        }
        String text = Files.readString(path);
        try (Stream<String> lines =
                text.substring(0, text.lastIndexOf('\n') + 1).lines()) {
            return lines.map(JSON::readTree).toList();
        }
    }
}
