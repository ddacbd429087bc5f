package dev.cria.measure;

import dev.cria.tensor.Work;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A step's time by kind of operation, beside the time that the machine needs at least for the same work: operations ÷
 * peak or bytes ÷ bandwidth, whichever is longer. A kind whose numbers lie in cache may be faster than memory's bound.
 *
 * @param flops operations a second of the fastest matrix product
 * @param bytesPerSecond of memory
 * @param rows the largest first
 * @see "Williams, Waterman and Patterson 2009, Roofline: An Insightful Visual Performance Model"
 */
record Roofline(double flops, double bytesPerSecond, List<Row> rows) {

    /**
     * A kind of operation in one step.
     *
     * @param bound seconds that the machine needs at least; 0 for what is no kernel's work
     */
    record Row(String name, double seconds, Work work, Bound bound) {
        /** The share of the time that the work needs at least. */
        double reached() {
            return bound.seconds() / seconds;
        }

        /** Seconds beyond what the work needs. */
        double lost() {
            return seconds - bound.seconds();
        }
    }

    /** The least time for some work, by what sets it. */
    record Bound(double compute, double memory) {
        double seconds() {
            return Math.max(compute, memory);
        }

        boolean isCompute() {
            return compute >= memory;
        }

        String word() {
            return isCompute() ? "compute" : "memory";
        }
    }

    /** Kinds of operation as a step spent them: seconds and work by name. */
    static Roofline of(double flops, double bytesPerSecond, Map<String, Part> parts) {
        // No kind may be faster than the peak: where the measured one is lower, the step itself is the better measure.
        double peak = parts.values().stream()
                .filter(part -> part.work().operations() > 0)
                .mapToDouble(part -> part.work().operations() / part.seconds())
                .reduce(flops, Math::max);
        List<Row> rows = new ArrayList<>();
        parts.forEach((name, part) -> {
            var bound = new Bound(part.work().operations() / peak, part.work().bytes() / bytesPerSecond);
            rows.add(new Row(name, part.seconds(), part.work(), bound));
        });
        rows.sort(Comparator.comparingDouble(Row::seconds).reversed());
        return new Roofline(peak, bytesPerSecond, List.copyOf(rows));
    }

    /** What a step spent on a kind of operation. */
    record Part(double seconds, Work work) {}

    double seconds() {
        return rows.stream().mapToDouble(Row::seconds).sum();
    }

    Work work() {
        return rows.stream().map(Row::work).reduce(Work.NONE, Work::plus);
    }

    /** Seconds that the step needs at least, one kind of operation after the other. */
    double boundSeconds() {
        return rows.stream().mapToDouble(row -> row.bound().seconds()).sum();
    }

    /** The share of {@link #boundSeconds()} that memory sets. */
    double memoryShare() {
        return rows.stream()
                        .filter(row -> !row.bound().isCompute())
                        .mapToDouble(row -> row.bound().seconds())
                        .sum()
                / boundSeconds();
    }

    double reached() {
        return boundSeconds() / seconds();
    }

    /** The kind that takes most beyond what it needs. */
    Row largestLoss() {
        return rows.stream().max(Comparator.comparingDouble(Row::lost)).orElseThrow();
    }

    /** The table for machines. */
    Map<String, Object> toJson() {
        Map<String, Object> operations = new LinkedHashMap<>();
        rows.forEach(row -> operations.put(
                row.name(),
                json(
                        row.seconds(),
                        row.work(),
                        row.bound().seconds(),
                        row.bound().word())));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("gflops", flops / 1e9);
        json.put("gb_per_s", bytesPerSecond / 1e9);
        json.put("operations", operations);
        json.put("step", json(seconds(), work(), boundSeconds(), ""));
        return json;
    }

    private static Map<String, Object> json(double seconds, Work work, double bound, String word) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ms", seconds * 1e3);
        row.put("gflop", work.operations() / 1e9);
        row.put("gb", work.bytes() / 1e9);
        row.put("gflops", work.operations() / seconds / 1e9);
        row.put("gb_per_s", work.bytes() / seconds / 1e9);
        row.put("bound_ms", bound * 1e3);
        if (!word.isEmpty()) {
            row.put("bound_by", word);
        }
        row.put("reached", bound / seconds);
        return row;
    }

    /** The table for people. */
    String toText() {
        var text = new StringBuilder("%-22s%10s%8s%10s%10s%9s%8s%22s%9s\n"
                .formatted(
                        "where the time goes",
                        "ms a step",
                        "share",
                        "GFLOP",
                        "GFLOP/s",
                        "GB",
                        "GB/s",
                        "at least, ms, by",
                        "reached"));
        rows.forEach(row -> text.append(line(
                row.name().replace('_', ' '),
                row.seconds(),
                row.work(),
                row.bound().seconds(),
                row.bound().word())));
        return text.append(line("together", seconds(), work(), boundSeconds(), ""))
                .toString();
    }

    private String line(String name, double seconds, Work work, double bound, String by) {
        String time = "%-22s%10.1f%7.1f%%".formatted(name, seconds * 1e3, 100 * seconds / seconds());
        if (bound == 0) {
            return time + '\n';
        }
        return time
                + "%10.1f%,10.0f%9.2f%8.1f%14.1f %-7s%8.1f%%\n"
                        .formatted(
                                work.operations() / 1e9,
                                work.operations() / seconds / 1e9,
                                work.bytes() / 1e9,
                                work.bytes() / seconds / 1e9,
                                bound * 1e3,
                                by,
                                100 * bound / seconds);
    }
}
