package dev.cria.run;

import java.util.List;

/** Where a training's numbers, texts and events go as they come: the run's log, TensorBoard's files, the display. */
public interface MetricSink extends AutoCloseable {

    void take(Line line);

    default void take(Event event) {}

    @Override
    default void close() {}

    /** All of these, in their order. */
    static MetricSink of(List<? extends MetricSink> sinks) {
        return new MetricSink() {
            @Override
            public void take(Line line) {
                sinks.forEach(s -> s.take(line));
            }

            @Override
            public void take(Event event) {
                sinks.forEach(s -> s.take(event));
            }

            @Override
            public void close() {
                sinks.forEach(MetricSink::close);
            }
        };
    }
}
