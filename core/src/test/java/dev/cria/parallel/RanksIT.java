package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.Said;
import dev.cria.WorkException;
import dev.cria.tensor.library.SharedStore;
import dev.cria.tensor.library.SharedStore.Keeper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes on this machine. */
@Timeout(300)
final class RanksIT {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @Test
    void bothRanksSeeTheSameSumsAndAnswers() throws Exception {
        assertThat(launch("exchange", 0).run()).isZero();
        String common = "\n"
                + "grüße von 0\n"
                + "[[0.0, 0.5], [1.0, 0.5]]\n"
                + "3.0\n"
                + "3.0 3.0 3.0 6.0 6.0 6.0\n"
                + "3.0 3.0 3.0 6.0 6.0 6.0\n"
                + "210 1.0 13 2.0\n"
                + Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        assertThat(folder.resolve("rank-0")).hasContent("0" + common);
        assertThat(folder.resolve("rank-1")).hasContent("1" + common);
    }

    @Test
    void aRefusalOnOneRankIsEveryonesExitCode() {
        assertThat(launch("refuse", 3).run()).isEqualTo(2);
    }

    @Test
    void aFailedRankIsStartedAgain() {
        assertThat(launch("fail-once", 1).run()).isZero();
        assertThat(launch("fail-once", 0).run()).isEqualTo(1);
    }

    @Test
    void aKilledRankEndsTheOthersAndIsNamed() throws Exception {
        var ended = CompletableFuture.supplyAsync(() -> launch("wait", 0).run());
        kill(1);
        assertThatThrownBy(() -> ended.get(180, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(WorkException.class)
                .hasMessageStartingWith("rank 1 was killed by signal 9");
        assertThat(ProcessHandle.of(pid(0)).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void whatStrangersSayToTheStoreIsNoise() throws Exception {
        int port = freePort();
        var request = new Launch.Request(
                2,
                2,
                1,
                0,
                Optional.of("0.0.0.0"),
                OptionalInt.of(port),
                0,
                Launch.Needs.NONE,
                List.of("wait", folder.toString()));
        var launch = new Launch(
                request, RankProgram.class, Progress.silent(), new PrintStream(errors, true, StandardCharsets.UTF_8));
        var ended = CompletableFuture.supplyAsync(launch::run);
        awaitRanks();
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (var address : Collections.list(network.getInetAddresses())) {
                if (!address.isLoopbackAddress()) {
                    assertThatThrownBy(() -> new Socket(address, port).close()).isInstanceOf(IOException.class);
                }
            }
        }
        try (var stranger = SharedStore.open("127.0.0.1", port, Keeper.ANOTHER, "", Duration.ofSeconds(10))) {
            String lie = new Failure(1, Failure.Kind.WORK_FAILED, "\u001b[31mgone", "").toText();
            for (String name : List.of("failure", "failure-seen", "/failure", "beats-0", "answer-0")) {
                stranger.set(name, lie);
            }
            Thread.sleep(3_000);
            assertThat(ended).isNotDone();
        }
        kill(1);
        assertThatThrownBy(() -> ended.get(180, TimeUnit.SECONDS))
                .cause()
                .hasMessageStartingWith("rank 1 was killed by signal 9");
        assertThat(errors.toString(StandardCharsets.UTF_8)).doesNotContain("gone");
    }

    /** torchrun keeps the store itself, and tells its ranks so. */
    @Test
    void withoutALauncherTheOthersFindOutWhoIsLost() throws Exception {
        int port = freePort();
        SharedStore agent = SharedStore.open("localhost", port, Keeper.THIS_PROCESS, "", Duration.ofSeconds(10));
        Process first = start(0, port);
        Process second = start(1, port);
        try {
            kill(1);
            assertThat(first.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(first.exitValue()).isEqualTo(1);
            assertThat(new String(first.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("error: rank 1 is lost: its process or its machine has ended");
        } finally {
            first.destroyForcibly();
            second.destroyForcibly();
            agent.close();
        }
    }

    /** Rank 2 can no longer be: the run goes on without it, but only with a number that can share a step. */
    @Test
    void goesOnWithFewerRanksWhereMoreFailTwice() throws Exception {
        var needs = new Launch.Needs() {
            @Override
            public OptionalInt threads() {
                return OptionalInt.of(1);
            }

            @Override
            public boolean allows(int ranks) {
                return ranks % 2 == 0;
            }

            @Override
            public OptionalLong newestCheckpoint() {
                return OptionalLong.empty();
            }
        };
        var request = new Launch.Request(
                5, 2, 1, 0, Optional.empty(), OptionalInt.empty(), 2, needs, List.of("only-two", folder.toString()));
        var said = new Said();
        int code = new Launch(request, RankProgram.class, said, new PrintStream(errors, true, StandardCharsets.UTF_8))
                .run();
        assertThat(code).isZero();
        assertThat(folder.resolve("rank-1")).hasContent("2 ranks, attempt 2");
        assertThat(said.lines())
                .map(line -> line.replaceFirst("^rank \\d", "rank N"))
                .containsExactly(
                        "5 ranks cannot share a step of this training; it begins with 4",
                        "rank N failed with exit code 1; restart 1 of 2",
                        "rank N failed with exit code 1; restart 2 of 2, with 2 rank(s); kill -USR1 "
                                + ProcessHandle.current().pid() + " tries 4 again");
    }

    private Launch launch(String mode, int restarts) {
        var request = new Launch.Request(
                2,
                2,
                1,
                0,
                Optional.empty(),
                OptionalInt.empty(),
                restarts,
                Launch.Needs.NONE,
                List.of(mode, folder.toString()));
        return new Launch(
                request, RankProgram.class, Progress.silent(), new PrintStream(errors, true, StandardCharsets.UTF_8));
    }

    private Process start(int rank, int port) throws Exception {
        ProcessBuilder builder =
                JavaCommand.ofThisProcess(RankProgram.class, 1).running(List.of("wait", folder.toString()));
        builder.environment()
                .putAll(Map.of(
                        "RANK", String.valueOf(rank),
                        "WORLD_SIZE", "2",
                        "MASTER_ADDR", "localhost",
                        "MASTER_PORT", String.valueOf(port),
                        "TORCHELASTIC_USE_AGENT_STORE", "True",
                        "TORCHELASTIC_RESTART_COUNT", "0"));
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        return builder.start();
    }

    private void awaitRanks() throws Exception {
        while (!Files.exists(folder.resolve("rank-0")) || !Files.exists(folder.resolve("rank-1"))) {
            Thread.sleep(50);
        }
        Thread.sleep(200);
    }

    private void kill(int rank) throws Exception {
        awaitRanks();
        ProcessHandle.of(pid(rank)).orElseThrow().destroyForcibly();
    }

    private long pid(int rank) throws Exception {
        return Long.parseLong(Files.readString(folder.resolve("rank-" + rank)));
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
