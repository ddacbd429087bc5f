package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.parallel.Launch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One process a rank. */
@Command(
        name = "launch",
        description = "Runs a training as several processes, one per rank, and ends them together.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria launch --nproc-per-node 2 pretrain --config examples/llama-124m.yaml --out runs/a",
            "  ./cria launch --nproc-per-node 8 --max-restarts 3 pretrain --resume runs/a",
            "  ./cria launch --nnodes 2 --node-rank 0 --master-addr gpu01 --nproc-per-node 8 pretrain --resume runs/a"
        })
final class LaunchCommand implements Callable<Integer> {
    /** The commands that share their work out over ranks. */
    private static final Set<String> PARALLEL = Set.of("pretrain", "tune");

    @Option(
            names = {"--nproc-per-node", "--nproc_per_node"},
            paramLabel = "N[:M]",
            defaultValue = "${env:PET_NPROC_PER_NODE:-1}",
            description =
                    "Ranks on this machine, one per GPU (default: ${DEFAULT-VALUE}); with N:M as many as M, and with"
                            + " --max-restarts as few as N, where more fail again and again. Once fewer have written a"
                            + " checkpoint, the next restart tries M again, as SIGUSR1 to the launcher does at once.")
    private String processes = "1";

    @Option(
            names = "--nnodes",
            paramLabel = "N",
            defaultValue = "${env:PET_NNODES:-1}",
            description = "Number of machines (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = {"--node-rank", "--node_rank"},
            paramLabel = "N",
            defaultValue = "${env:PET_NODE_RANK:-0}",
            description = "Number of this machine, from 0 (default: ${DEFAULT-VALUE}).")
    private int node;

    @Option(
            names = {"--master-addr", "--master_addr"},
            paramLabel = "HOST",
            defaultValue = "${env:PET_MASTER_ADDR}",
            description = "Host name of the machine with --node-rank 0.")
    private @Nullable String masterAddress;

    @Option(
            names = {"--master-port", "--master_port"},
            paramLabel = "PORT",
            defaultValue = "${env:PET_MASTER_PORT}",
            description = "Port on which rank 0 listens (default: 29500; on a single machine any free port).")
    private @Nullable Integer masterPort;

    @Option(
            names = {"--max-restarts", "--max_restarts"},
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "How often to resume from the last checkpoint after a rank has failed (default: ${DEFAULT-VALUE}).")
    private int maxRestarts;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of each rank (default: as a reproducible run was trained with,"
                    + " or else the rank's share of the cores).")
    private @Nullable Integer threads;

    @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "pretrain or tune, with its arguments.")
    private List<String> command = List.of();

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        if (!PARALLEL.contains(command.getFirst())) {
            throw new RequestException(
                    command.getFirst() + " does not run on several ranks; pretrain and tune do",
                    "./cria " + String.join(" ", command));
        }
        List<Integer> range = range();
        var request = new Launch.Request(
                range.getLast(),
                range.getFirst(),
                nodes,
                node,
                Optional.ofNullable(masterAddress),
                masterPort == null ? OptionalInt.empty() : OptionalInt.of(masterPort),
                maxRestarts,
                needs(),
                command);
        return new Launch(request, Main.class, display.progress(), System.err).run();
    }

    /** The least and the most ranks. */
    private List<Integer> range() {
        if (!processes.matches("\\d{1,6}(:\\d{1,6})?")) {
            throw new RequestException(
                    "--nproc-per-node is " + processes + ", neither a number nor the least and the most",
                    "--nproc-per-node 2, or 2:4");
        }
        return Arrays.stream(processes.split(":")).map(Integer::valueOf).toList();
    }

    private Launch.Needs needs() {
        if (threads != null && threads < 1) {
            throw new RequestException("--threads is " + threads + ", not at least 1", "--threads 1");
        }
        OptionalInt wanted = threads == null ? OptionalInt.empty() : OptionalInt.of(threads);
        return new LaunchedTraining(command, wanted);
    }
}
