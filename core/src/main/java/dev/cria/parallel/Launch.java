package dev.cria.parallel;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
     * @param nodes machines
     * @param node this machine's number, from 0
     * @param masterAddress of machine 0; this machine if there is but one
     * @param masterPort at which rank 0 will listen; any free one if there is but one machine
     * @param maxRestarts how often the ranks are started again after one of them failed
     * @param needs of the command, which are asked for before each start
     */
    public record Request(
            int processes,
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
        /** Any number of threads. */
        Needs NONE = OptionalInt::empty;

        /** The threads of each rank; its share of the machine's cores if there is none. */
        OptionalInt threads();
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
     * Runs the ranks to their end.
     *
     * @return the exit code that all of them agree on
     * @throws WorkException naming the rank, if one was killed
     */
    public int run() {
        for (int attempt = 0; ; attempt++) {
            RankEnd end = attempt(attempt);
            if (!end.isWorthRestarting() || attempt == request.maxRestarts()) {
                return end.exitCode();
            }
            progress.say("%s; restart %d of %d".formatted(end.story(), attempt + 1, request.maxRestarts()));
        }
    }

    private RankEnd attempt(int attempt) {
        OptionalInt wanted = request.needs().threads();
        JavaCommand java = JavaCommand.ofThisProcess(mainClass, wanted.orElse(share()));
        try (RankProcesses ranks = new RankProcesses(errors)) {
            boolean single = request.nodes() == 1;
            String host = single ? LOOPBACK : request.masterAddress().orElse(LOOPBACK);
            String secret = secret(attempt);
            int port = request.masterPort().orElseGet(() -> !single ? Rendezvous.DEFAULT_PORT : freePort());
            for (int local = 0; local < request.processes(); local++) {
                ProcessBuilder builder = java.running(request.command());
                var environment = builder.environment();
                environment.remove("TORCHELASTIC_USE_AGENT_STORE");
                wanted.ifPresent(threads -> JavaCommand.setThreads(environment, threads));
                environment.put(Launched.BY_LAUNCHER, "1");
                environment.put(Launched.RESTARTS, String.valueOf(attempt));
                environment.put("RANK", String.valueOf(request.node() * request.processes() + local));
                environment.put("LOCAL_RANK", String.valueOf(local));
                environment.put("WORLD_SIZE", String.valueOf(request.nodes() * request.processes()));
                environment.put("LOCAL_WORLD_SIZE", String.valueOf(request.processes()));
                environment.put("MASTER_ADDR", host);
                environment.put("MASTER_PORT", String.valueOf(port));
                if (!secret.isEmpty()) {
                    environment.put(Rendezvous.SECRET, secret);
                }
                if (single) {
                    environment.putIfAbsent("NCCL_SOCKET_IFNAME", "lo");
                    environment.remove("GLOO_SOCKET_IFNAME");
                }
                ranks.start(request.node() * request.processes() + local, builder);
            }
            return ranks.await();
        }
    }

    private int share() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / request.processes());
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
