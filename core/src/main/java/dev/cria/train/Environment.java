package dev.cria.train;

import dev.cria.nn.Parameters.Storage;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.CpuFeatures;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Libraries;
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

    static Environment of(Recipe recipe, Device device, Kernels kernels, Ranks ranks) {
        DType compute = ComputeType.of(recipe.precision().compute(), device);
        DType gradients = ComputeType.of(recipe.precision().gradients());
        var storage = Storage.training(compute, gradients);
        return of(storage, recipe.optimizer().state(), recipe.batch().microBatch(), device, kernels, ranks);
    }

    static Environment of(
            Storage storage, Recipe.State state, int microBatch, Device device, Kernels kernels, Ranks ranks) {
        CpuFeatures cpu = CpuFeatures.here();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("kernels", kernels.name());
        facts.put("device", device.isCpu() ? "cpu" : "cuda");
        facts.put("compute", word(storage.compute()));
        facts.put("gradients", word(storage.gradient().orElse(storage.compute())));
        facts.put("optimizer_state", word(state));
        facts.put("micro_batch", String.valueOf(microBatch));
        facts.put("ranks", String.valueOf(ranks.size()));
        facts.put("threads", String.valueOf(cpu.cores()));
        facts.put("cpu", cpu.summary());
        return new Environment(facts);
    }

    /** What utilisation is a share of, as {@code GemmPeak} measures it. */
    String peakSource() {
        return "the best product of two 1,024 × 1,024 matrices in %s, measured on this machine before the first step"
                .formatted(facts.get("compute"));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** A sentence for each fact that was otherwise. */
    List<String> differencesFrom(Map<String, String> earlier) {
        List<String> differences = new ArrayList<>();
        facts.forEach((name, value) -> {
            String before = earlier.getOrDefault(name, value);
            if (!before.equals(value)) {
                differences.add(name + " was " + before + " and is " + value
                        + ": the run goes on, but not bit for bit as it would have");
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
        record.put("libtorch", Libraries.libtorch());
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
