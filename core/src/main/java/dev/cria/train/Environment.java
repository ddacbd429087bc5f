package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Threads;
import dev.cria.tensor.cpu.CpuFeatures;
import dev.cria.tensor.library.Libraries;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What results depend on, to the last bit, besides configuration and data: two segments of a run that differ in one of
 * these facts may differ in rounding.
 */
record Environment(Map<String, String> facts) {
    /** Those that may decide the last bit of a kernel's sum. */
    private static final List<String> DECIDING =
            List.of("threads", "libtorch_threads", "cpu", "gpu", "device", "kernels", "jdk", "libtorch");

    static Environment of(SessionPlan plan, Ranks ranks) {
        CpuFeatures cpu = CpuFeatures.here();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("kernels", plan.kernels().name());
        facts.put("device", plan.device().isCpu() ? "cpu" : "cuda");
        facts.put("compute", ComputeType.word(plan.storage().compute()));
        facts.put(
                "gradients",
                ComputeType.word(plan.storage().gradient().orElse(plan.storage().compute())));
        facts.put("optimizer_state", plan.optimizer().state().name().toLowerCase(Locale.ROOT));
        facts.put("micro_batch", String.valueOf(plan.microBatch()));
        facts.put("ranks", String.valueOf(ranks.size()));
        if (plan.device().isCpu()) {
            int threads = Threads.ofThisProcess().count();
            facts.put("threads", String.valueOf(threads));
            if (Libraries.threads() != threads) {
                facts.put("libtorch_threads", String.valueOf(Libraries.threads()));
            }
            facts.put("cpu", cpu.summary());
        } else {
            facts.put("gpu", Libraries.gpu(plan.device()).toString());
        }
        facts.put("jdk", String.valueOf(Runtime.version().feature()));
        facts.put("libtorch", Libraries.libtorch());
        return new Environment(facts);
    }

    /**
     * Refuses ranks of a reproducible training that do not compute alike, and ranks that do not compute as the training did
     * before: sums within a kernel may depend on the machine, and on the number of threads where libtorch forms them.
     *
     * @param saved the state that the training resumes from
     */
    void requireAlike(Ranks ranks, Optional<TrainerState> saved) {
        Map<String, String> first = new LinkedHashMap<>();
        for (String line :
                ranks.fromFirst(() -> String.join("\n", deciding().values())).split("\n", -1)) {
            first.put(DECIDING.get(first.size()), line);
        }
        difference(first).ifPresent(name -> {
            throw new RequestException(
                    "%s is %s on rank %d and %s on rank 0; parallel.reproducible is true, and their sums may differ"
                            .formatted(name, fact(name), ranks.rank(), first.get(name)),
                    remedy(name, first.getOrDefault(name, "")));
        });
        saved.filter(Environment::wasReproducible)
                .map(TrainerState::environment)
                .ifPresent(before -> {
                    difference(before).ifPresent(name -> {
                        throw new RequestException(
                                "%s is %s and was %s when the run was trained; parallel.reproducible is true, and sums may differ"
                                        .formatted(name, fact(name), before.get(name)),
                                remedy(name, before.getOrDefault(name, "")));
                    });
                });
    }

    private static boolean wasReproducible(TrainerState saved) {
        return Boolean.parseBoolean(saved.provenance().settings().getOrDefault("parallel.reproducible", "false"));
    }

    private Map<String, String> deciding() {
        Map<String, String> deciding = new LinkedHashMap<>();
        DECIDING.forEach(name -> deciding.put(name, fact(name)));
        return deciding;
    }

    private String fact(String name) {
        return facts.getOrDefault(name, "none");
    }

    /** The first of the deciding facts that is otherwise. */
    private Optional<String> difference(Map<String, String> others) {
        return DECIDING.stream()
                .filter(name -> !fact(name).equals(others.getOrDefault(name, "none")))
                .findFirst();
    }

    private static String remedy(String name, String wanted) {
        String same = name.equals("threads")
                ? "./cria launch --threads " + wanted + " --nproc-per-node N before the command"
                : "the same " + name + " everywhere";
        return same + "; or --set parallel.reproducible=false, which gives the same but for rounding";
    }

    /** The same without the number of ranks, which decides nothing in a reproducible training. */
    Environment ofAnyRanks() {
        Map<String, String> others = new LinkedHashMap<>(facts);
        others.remove("ranks");
        return new Environment(others);
    }

    /** A sentence for each fact that was otherwise. */
    List<String> differencesFrom(Map<String, String> earlier) {
        List<String> differences = new ArrayList<>();
        facts.forEach((name, value) -> {
            String before = earlier.getOrDefault(name, value);
            if (!before.equals(value)) {
                differences.add(
                        name + " was " + before + " and is " + value + ": the run continues, but not bit-for-bit");
            }
        });
        return differences;
    }

    /** Where and with what a segment ran: for the record, not for comparison. */
    static Map<String, String> record() {
        Map<String, String> record = new LinkedHashMap<>();
        record.put("host", host());
        record.put("jdk", Runtime.version().toString());
        record.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        record.put("git", GitRevision.read());
        return record;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "unknown";
        }
    }
}
