package dev.cria.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Writes an answer over HTTP: as server-sent events, or whole. */
final class Reply implements Answer.Out {
    static final String EVENTS = "text/event-stream";

    private final Exchange exchange;
    private final boolean stream;
    private @Nullable OutputStream out;

    Reply(Exchange exchange, boolean stream) {
        this.exchange = exchange;
        this.stream = stream;
    }

    /** Whether the status has gone out, so that no error can take its place. */
    boolean hasBegun() {
        return out != null;
    }

    @Override
    public void event(String data) throws IOException {
        write("data: " + data + "\n\n");
    }

    /** A comment in a stream; before a JSON value, white space. Without one a client that has left would not be noticed. */
    @Override
    public void sign() throws IOException {
        write(stream ? ": still here\n\n" : " ");
    }

    @Override
    public Duration betweenSigns() {
        return exchange.patience().betweenSigns();
    }

    @Override
    public void whole(String json) throws IOException {
        if (out == null) {
            exchange.json(json);
        } else {
            write(json);
        }
    }

    private void write(String text) throws IOException {
        OutputStream to = out;
        if (to == null) {
            to = exchange.begin(stream ? EVENTS : Exchange.JSON);
            out = to;
        }
        exchange.write(to, text.getBytes(StandardCharsets.UTF_8));
    }

    void close() throws IOException {
        if (out != null) {
            exchange.close(out);
        }
    }
}
