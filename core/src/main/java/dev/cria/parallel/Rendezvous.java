package dev.cria.parallel;

import dev.cria.RequestException;
import java.util.Map;
import java.util.Optional;

/**
 * Where the ranks of a training meet, and which of them this process is.
 *
 * @param rank this process's number, from 0
 * @param size how many there are
 * @param localRank this process's number on its machine
 * @param localSize how many there are on its machine, as far as the environment tells
 * @param host of rank 0
 * @param port at which rank 0 listens
 * @param agentAttempt the attempt's number where torchrun itself listens at the port; none where rank 0 does
 * @param networkInterface by which gradients travel, if somebody chose one
 * @param secret that all ranks know and strangers don't, if there is one
 */
record Rendezvous(
        int rank,
        int size,
        int localRank,
        int localSize,
        String host,
        int port,
        Optional<String> agentAttempt,
        Optional<String> networkInterface,
        Optional<String> secret) {
    /** The variable that holds the secret. */
    static final String SECRET = "CRIA_RENDEZVOUS_SECRET";

    private static final int SHORTEST_SECRET = 16;

    private static final String LOOPBACK = "127.0.0.1";

    /** torchrun's default. */
    static final int DEFAULT_PORT = 29500;

    /** Slurm jobs listen at this port plus a number made from the job's, so that two on one machine don't meet. */
    private static final int SLURM_PORTS = 15_000;

    private static final int SLURM_PORT_COUNT = 20_000;

    Rendezvous {
        if (size < 1 || rank < 0 || rank >= size) {
            throw new RequestException(
                    "rank " + rank + " is out of range for " + size + " ranks",
                    "set RANK from 0 to WORLD_SIZE - 1, or unset both to train with one process");
        }
        if (port < 1 || port > 65_535) {
            throw new RequestException(
                    "MASTER_PORT is " + port + ", not from 1 to 65535", "MASTER_PORT=" + DEFAULT_PORT);
        }
        if (secret.isPresent() && secret.get().length() < SHORTEST_SECRET) {
            throw new RequestException(
                    SECRET + " has " + secret.get().length() + " characters, fewer than " + SHORTEST_SECRET,
                    "export " + SECRET + "=$(openssl rand -hex 16), the same on every machine");
        }
    }

    /** What the environment says; empty for one process alone. */
    static Optional<Rendezvous> of(Map<String, String> environment) {
        var variables = new Variables(environment);
        Optional<Rendezvous> found = variables.has("RANK") || variables.has("WORLD_SIZE")
                ? Optional.of(torchrun(variables))
                : slurm(variables);
        return found.filter(r -> r.size() > 1);
    }

    /** RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT, as torchrun and Kubeflow's PyTorchJob set them. */
    private static Rendezvous torchrun(Variables variables) {
        int size = variables.number("WORLD_SIZE");
        boolean agent = variables
                .text("TORCHELASTIC_USE_AGENT_STORE")
                .filter("True"::equals)
                .isPresent();
        return new Rendezvous(
                variables.number("RANK"),
                size,
                variables.numberOr("LOCAL_RANK", 0),
                variables.numberOr("LOCAL_WORLD_SIZE", 1),
                size == 1 ? variables.text("MASTER_ADDR").orElse(LOOPBACK) : variables.required("MASTER_ADDR"),
                variables.numberOr("MASTER_PORT", DEFAULT_PORT),
                agent ? Optional.of(variables.text("TORCHELASTIC_RESTART_COUNT").orElse("0")) : Optional.empty(),
                variables.text("GLOO_SOCKET_IFNAME"),
                variables.text(SECRET).map(String::strip));
    }

    /** What srun sets for each task of a step; the first machine of the step has task 0. */
    private static Optional<Rendezvous> slurm(Variables variables) {
        if (!variables.has("SLURM_PROCID")) {
            return Optional.empty();
        }
        int size = variables.numberOr("SLURM_STEP_NUM_TASKS", variables.numberOr("SLURM_NTASKS", 1));
        return Optional.of(new Rendezvous(
                variables.number("SLURM_PROCID"),
                size,
                variables.numberOr("SLURM_LOCALID", 0),
                variables.numberOr("SLURM_NTASKS_PER_NODE", 1),
                variables.text("MASTER_ADDR").orElseGet(() -> slurmHost(variables)),
                variables.numberOr("MASTER_PORT", slurmPort(variables)),
                Optional.empty(),
                variables.text("GLOO_SOCKET_IFNAME"),
                variables.text(SECRET).map(String::strip)));
    }

    private static String slurmHost(Variables variables) {
        int machines = variables.numberOr("SLURM_STEP_NUM_NODES", variables.numberOr("SLURM_NNODES", 0));
        if (machines == 1) {
            return LOOPBACK;
        }
        return variables
                .text("SLURM_STEP_NODELIST")
                .or(() -> variables.text("SLURM_JOB_NODELIST"))
                .or(() -> variables.text("SLURM_NODELIST"))
                .map(Rendezvous::firstHost)
                .or(() -> variables.text("SLURM_LAUNCH_NODE_IPADDR"))
                .orElse(LOOPBACK);
    }

    private static int slurmPort(Variables variables) {
        int job = variables.numberOr("SLURM_JOB_ID", 0);
        int step = variables.numberOr("SLURM_STEP_ID", 0);
        return SLURM_PORTS + Math.floorMod(job + 1009 * step, SLURM_PORT_COUNT);
    }

    /** The first machine of Slurm's short form: {@code gpu[03-05,09],login1} begins with gpu03. */
    static String firstHost(String list) {
        var host = new StringBuilder();
        boolean inBrackets = false;
        boolean taken = false;
        for (char c : list.toCharArray()) {
            if (c == '[') {
                inBrackets = true;
                taken = false;
            } else if (c == ']') {
                inBrackets = false;
            } else if (inBrackets) {
                taken = taken || c == ',' || c == '-';
                host.append(taken ? "" : c);
            } else if (c == ',') {
                break;
            } else {
                host.append(c);
            }
        }
        return host.toString();
    }

    /** Environment variables, with refusals that name them. */
    private record Variables(Map<String, String> environment) {
        boolean has(String name) {
            return text(name).isPresent();
        }

        Optional<String> text(String name) {
            return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
        }

        String required(String name) {
            return text(name)
                    .orElseThrow(() -> new RequestException(
                            "the environment has RANK or WORLD_SIZE but no " + name,
                            "set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT on every rank, or unset RANK"
                                    + " and WORLD_SIZE"));
        }

        int number(String name) {
            return parsed(name, required(name));
        }

        int numberOr(String name, int otherwise) {
            return text(name).map(text -> parsed(name, text)).orElse(otherwise);
        }

        private static int parsed(String name, String text) {
            try {
                return Integer.parseInt(text.strip());
            } catch (NumberFormatException _) {
                throw new RequestException(
                        "the environment variable " + name + " is " + text + ", not a whole number",
                        "unset " + name + " if it is not meant for cria");
            }
        }
    }
}
