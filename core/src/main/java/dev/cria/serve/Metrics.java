package dev.cria.serve;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntSupplier;

/** What the server counts, in Prometheus' format. */
final class Metrics {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests = Counter.builder()
            .name("cria_requests_total")
            .help("Requests that were answered, by address and status.")
            .labelNames("path", "status")
            .register(registry);
    private final Counter promptTokens = counter("cria_prompt_tokens_total", "Tokens of prompts.");
    private final Counter cachedTokens =
            counter("cria_cached_prompt_tokens_total", "Tokens of prompts that had been read before.");
    private final Counter writtenTokens = counter("cria_completion_tokens_total", "Tokens that were written.");
    private final Histogram firstToken = histogram("cria_first_token_seconds", "From a request to its first token.")
            .register(registry);
    private final Histogram whole = histogram(
                    "cria_request_seconds", "From a request to the end of its answer, by address.")
            .labelNames("path")
            .register(registry);

    private Counter counter(String name, String help) {
        return Counter.builder().name(name).help(help).register(registry);
    }

    private static Histogram.Builder histogram(String name, String help) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120);
    }

    /** Shows how many rows, waiting completions and models there are, whenever somebody looks. */
    void watch(Shelf shelf) {
        gauge("cria_rows", "Completions that are being written.", shelf::running);
        gauge("cria_queue", "Completions that wait for a row.", shelf::waiting);
        gauge("cria_models", "Models in memory.", shelf::count);
    }

    private void gauge(String name, String help, IntSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsInt()))
                .register(registry);
    }

    void asked(int tokens) {
        promptTokens.inc(tokens);
    }

    void cached(int tokens) {
        cachedTokens.inc(tokens);
    }

    void written(int tokens) {
        writtenTokens.inc(tokens);
    }

    void firstToken(double seconds) {
        firstToken.observe(seconds);
    }

    void answered(String path, int status, double seconds) {
        requests.labelValues(path, Integer.toString(status)).inc();
        whole.labelValues(path).observe(seconds);
    }

    byte[] text() {
        var out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
