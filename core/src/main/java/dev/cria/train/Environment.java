package dev.cria.train;

import dev.cria.parallel.Ranks;
import dev.cria.tensor.cpu.CpuFeatures;
import dev.cria.tensor.library.Libraries;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What results depend on, to the last bit, besides configuration and data: two segments of a run that differ in one of
 * these facts may differ in rounding.
 */
record Environment(Map<String, String> facts) {

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
            facts.put("threads", String.valueOf(cpu.cores()));
            facts.put("cpu", cpu.summary());
        } else {
            facts.put("gpu", Libraries.gpu(plan.device()).toString());
        }
        facts.put("jdk", String.valueOf(Runtime.version().feature()));
        facts.put("libtorch", Libraries.libtorch());
        return new Environment(facts);
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
