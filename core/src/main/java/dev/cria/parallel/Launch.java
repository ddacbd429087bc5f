package dev.cria.parallel;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.tensor.Threads;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Starts one process a rank on this machine and stays with them: a rank that dies ends the others, Ctrl-C reaches all of
 * them, and where restarts are allowed the ranks begin again from the last checkpoint.
 */
public final class Launch {
    private static final String LOOPBACK = "127.0.0.1";

    private final Request request;
    private final Class<?> mainClass;
    private final Progress progress;
    private final PrintStream errors;

    /**
     * What to start.
     *
     * @param processes ranks on this machine
     * @param least ranks with which the run goes on, where fewer can be started again than before
     * @param nodes machines
     * @param node this machine's number, from 0
     * @param masterAddress of machine 0; this machine if there is but one
     * @param masterPort at which rank 0 will listen; any free one if there is but one machine
     * @param maxRestarts how often the ranks are started again after one of them failed
     * @param needs of the command, which are asked for before each start
     */
    public record Request(
            int processes,
            int least,
            int nodes,
            int node,
            Optional<String> masterAddress,
            OptionalInt masterPort,
            int maxRestarts,
            Needs needs,
            List<String> command) {
        public Request {
            command = List.copyOf(command);
            if (processes < 1) {
                throw new RequestException(
                        "--nproc-per-node is " + processes + ", not at least 1", "--nproc-per-node 2");
            }
            String range = least + ":" + processes;
            if (least < 1 || least > processes) {
                throw new RequestException(
                        "--nproc-per-node is " + range + ", not the least and the most ranks", "--nproc-per-node 2:4");
            }
            if (least < processes && nodes > 1) {
                throw new RequestException(
                        "--nproc-per-node is " + range + " and --nnodes is " + nodes
                                + "; other machines would not learn of a lost rank",
                        "--nproc-per-node " + processes);
            }
            if (least < processes && maxRestarts == 0) {
                throw new RequestException(
                        "--nproc-per-node is " + range + " and nothing is restarted with fewer: --max-restarts is 0",
                        "--max-restarts 5");
            }
            if (node < 0 || node >= nodes) {
                throw new RequestException(
                        "--node-rank is " + node + " and --nnodes is " + nodes,
                        "number the machines from --node-rank 0 to " + (Math.max(1, nodes) - 1));
            }
            if (masterPort.isPresent() && (masterPort.getAsInt() < 1 || masterPort.getAsInt() > 65_535)) {
                throw new RequestException(
                        "--master-port is " + masterPort.getAsInt() + ", not from 1 to 65535",
                        "--master-port " + Rendezvous.DEFAULT_PORT);
            }
            if (nodes > 1 && masterAddress.isEmpty()) {
                throw new RequestException(
                        "--nnodes is " + nodes + " and no --master-addr says where rank 0 is",
                        "--master-addr HOST, the name of the machine with --node-rank 0, on every machine");
            }
        }
    }

    /** What a command wants of the ranks that run it. */
    public interface Needs {
        /** Any number of ranks and threads. */
        Needs NONE = new Needs() {
            @Override
            public OptionalInt threads() {
                return OptionalInt.empty();
            }

            @Override
            public boolean allows(int ranks) {
                return true;
            }

            @Override
            public OptionalLong newestCheckpoint() {
                return OptionalLong.empty();
            }
        };

        /** The threads of each rank; its share of the machine's cores if there is none. */
        OptionalInt threads();

        /** Whether so many ranks can share a step. */
        boolean allows(int ranks);

        /** The step that a restart would go on from. */
        OptionalLong newestCheckpoint();
    }

    /**
     * Prepares to start ranks.
     *
     * @param mainClass runs the command in each rank
     * @param errors where lines of ranks other than the first go, with the rank's number before them
     */
    public Launch(Request request, Class<?> mainClass, Progress progress, PrintStream errors) {
        this.request = request;
        this.mainClass = mainClass;
        this.progress = progress;
        this.errors = errors;
    }

    /**
     * Runs the ranks to their end, with as many as {@link RankCount} says. Where fewer may have to do, SIGUSR1 says that more
     * can be had again: the ranks write a checkpoint and begin anew, which is no failure.
     *
     * @return the exit code that all of them agree on
     * @throws WorkException naming the rank, if one was killed
     */
    public int run() {
        Needs needs = request.needs();
        RankCount count = new RankCount(request.least(), request.processes(), needs::allows);
        if (count.now() < request.processes()) {
            progress.say("%d ranks cannot share a step of this training; it begins with %d"
                    .formatted(request.processes(), count.now()));
        }
        try (GrowthSignal growth =
                request.least() < request.processes() ? GrowthSignal.listen() : GrowthSignal.none()) {
            int restarts = 0;
            for (int attempt = 0; ; attempt++) {
                OptionalLong before = needs.newestCheckpoint();
                int ranks = count.now();
                RankEnd end = attempt(attempt, count, growth);
                if (end.isGrowth()) {
                    count.grow();
                    progress.say("SIGUSR1: the run goes on with %d rank(s)".formatted(count.now()));
                    continue;
                }
                if (!end.isWorthRestarting() || restarts == request.maxRestarts()) {
                    return end.exitCode();
                }
                count.failed(!needs.newestCheckpoint().equals(before));
                progress.say("%s; restart %d of %d%s"
                        .formatted(
                                end.story(),
                                ++restarts,
                                request.maxRestarts(),
                                count.now() == ranks ? "" : ", with " + told(count)));
            }
        }
    }

    private static String told(RankCount count) {
        long pid = ProcessHandle.current().pid();
        String now = "%d rank(s)".formatted(count.now());
        return count.isReduced() ? now + "; kill -USR1 %d tries %d again".formatted(pid, count.most()) : now;
    }

    /** @param growth stops the ranks where there are fewer than there could be */
    private RankEnd attempt(int attempt, RankCount count, GrowthSignal growth) {
        int processes = count.now();
        OptionalInt wanted = request.needs().threads();
        int share = Math.max(1, Threads.ofThisProcess().count() / processes);
        JavaCommand java = JavaCommand.ofThisProcess(mainClass, wanted.orElse(share));
        try (RankProcesses ranks = new RankProcesses(errors)) {
            boolean single = request.nodes() == 1;
            String host = single ? LOOPBACK : request.masterAddress().orElse(LOOPBACK);
            String secret = secret(attempt);
            int port = request.masterPort().orElseGet(() -> !single ? Rendezvous.DEFAULT_PORT : freePort());
            for (int local = 0; local < processes; local++) {
                ProcessBuilder builder = java.running(request.command());
                var environment = builder.environment();
                environment.remove("TORCHELASTIC_USE_AGENT_STORE");
                wanted.ifPresent(threads -> JavaCommand.setThreads(environment, threads));
                environment.put(Launched.BY_LAUNCHER, "1");
                environment.put(Launched.RESTARTS, String.valueOf(attempt));
                environment.put("RANK", String.valueOf(request.node() * processes + local));
                environment.put("LOCAL_RANK", String.valueOf(local));
                environment.put("WORLD_SIZE", String.valueOf(request.nodes() * processes));
                environment.put("LOCAL_WORLD_SIZE", String.valueOf(processes));
                environment.put("MASTER_ADDR", host);
                environment.put("MASTER_PORT", String.valueOf(port));
                if (!secret.isEmpty()) {
                    environment.put(Rendezvous.SECRET, secret);
                }
                if (single) {
                    environment.putIfAbsent("NCCL_SOCKET_IFNAME", "lo");
                    environment.remove("GLOO_SOCKET_IFNAME");
                }
                ranks.start(request.node() * processes + local, builder);
            }
            return growth.whileListening(
                    () -> {
                        if (count.isReduced()) {
                            ranks.stop(RankEnd.Cause.GROWTH);
                        }
                    },
                    ranks::await);
        }
    }

    /** What the ranks of this run know and others don't: on one machine made up, on several what the user shares. */
    private String secret(int attempt) {
        String given = System.getenv().getOrDefault(Rendezvous.SECRET, "").strip();
        if (!given.isEmpty() || request.nodes() == 1) {
            return given.isEmpty() ? UUID.randomUUID().toString() : given;
        }
        if (attempt == 0) {
            progress.say(Rendezvous.SECRET + " is not set: whoever reaches the port of rank 0 can end the run; export"
                    + " the same random word on every machine");
        }
        return "";
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
