package dev.cria.board;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The curves of a run's steps in at most {@value #MOST} buckets. Where they are full, neighbours become one, so a run of
 * any length costs as much to draw; means, least and greatest values are exact.
 */
final class Curves {
    static final int MOST = 1024;

    /** What is drawn of steps. */
    enum Metric {
        LOSS("loss"),
        RATE("lr"),
        NORM("grad_norm"),
        SPEED("tokens_per_s");

        private final String key;

        Metric(String key) {
            this.key = key;
        }

        /** As metrics.jsonl has it. */
        String key() {
            return key;
        }
    }

    /** Steps that follow each other. */
    static final class Bucket {
        private long steps;
        private double step;
        private double tokens;
        private double seconds;
        private final long[] counts = new long[Metric.values().length];
        private final double[] sums = new double[Metric.values().length];
        private final double[] least = new double[Metric.values().length];
        private final double[] greatest = new double[Metric.values().length];

        private void add(StepNumbers line) {
            steps++;
            step += line.step();
            tokens += line.tokens();
            seconds += line.seconds();
            for (int i = 0; i < counts.length; i++) {
                double value = line.metric(i);
                if (Double.isFinite(value)) {
                    addTo(i, 1, value, value, value);
                }
            }
        }

        private void addTo(int i, long count, double sum, double low, double high) {
            least[i] = counts[i] == 0 ? low : Math.min(least[i], low);
            greatest[i] = counts[i] == 0 ? high : Math.max(greatest[i], high);
            counts[i] += count;
            sums[i] += sum;
        }

        private void add(Bucket next) {
            steps += next.steps;
            step += next.step;
            tokens += next.tokens;
            seconds += next.seconds;
            for (int i = 0; i < counts.length; i++) {
                if (next.counts[i] > 0) {
                    addTo(i, next.counts[i], next.sums[i], next.least[i], next.greatest[i]);
                }
            }
        }

        long steps() {
            return steps;
        }

        double step() {
            return step / steps;
        }

        double tokens() {
            return tokens / steps;
        }

        double seconds() {
            return seconds / steps;
        }

        /** NaN where no value was finite. */
        double mean(Metric metric) {
            return sums[metric.ordinal()] / counts[metric.ordinal()];
        }

        double least(Metric metric) {
            return counts[metric.ordinal()] == 0 ? Double.NaN : least[metric.ordinal()];
        }

        double greatest(Metric metric) {
            return counts[metric.ordinal()] == 0 ? Double.NaN : greatest[metric.ordinal()];
        }

        private void write(DataOutput out) throws IOException {
            out.writeLong(steps);
            out.writeDouble(step);
            out.writeDouble(tokens);
            out.writeDouble(seconds);
            for (int i = 0; i < counts.length; i++) {
                out.writeLong(counts[i]);
                out.writeDouble(sums[i]);
                out.writeDouble(least[i]);
                out.writeDouble(greatest[i]);
            }
        }

        private static Bucket read(DataInput in) throws IOException {
            Bucket bucket = new Bucket();
            bucket.steps = in.readLong();
            bucket.step = in.readDouble();
            bucket.tokens = in.readDouble();
            bucket.seconds = in.readDouble();
            for (int i = 0; i < bucket.counts.length; i++) {
                bucket.counts[i] = in.readLong();
                bucket.sums[i] = in.readDouble();
                bucket.least[i] = in.readDouble();
                bucket.greatest[i] = in.readDouble();
            }
            return bucket;
        }
    }

    private final List<Bucket> buckets = new ArrayList<>();
    private long width = 1; // steps of a full bucket

    void add(StepNumbers step) {
        if (buckets.isEmpty() || buckets.getLast().steps >= width) {
            if (buckets.size() == MOST) {
                halve();
            }
            buckets.add(new Bucket());
        }
        buckets.getLast().add(step);
    }

    private void halve() {
        List<Bucket> halved = new ArrayList<>();
        for (int i = 0; i < buckets.size(); i += 2) {
            Bucket one = buckets.get(i);
            if (i + 1 < buckets.size()) {
                one.add(buckets.get(i + 1));
            }
            halved.add(one);
        }
        buckets.clear();
        buckets.addAll(halved);
        width *= 2;
    }

    List<Bucket> buckets() {
        return List.copyOf(buckets);
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(width);
        out.writeInt(buckets.size());
        for (Bucket bucket : buckets) {
            bucket.write(out);
        }
    }

    static Curves read(DataInput in) throws IOException {
        Curves curves = new Curves();
        curves.width = in.readLong();
        int count = in.readInt();
        if (curves.width < 1 || count < 0 || count > MOST) {
            throw new IOException("no curves");
        }
        for (int i = 0; i < count; i++) {
            curves.buckets.add(Bucket.read(in));
        }
        return curves;
    }
}
