package dev.cria.serve;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A request and the answer to it. Whatever waits for the other side throws {@link IOException} when that has left. */
record Exchange(ServerRequest request, ServerResponse response, Patience patience) {
    static final String JSON = "application/json";

    String path() {
        return request.path().absolute().path();
    }

    /** GET, where it is asked with HEAD. */
    String method() {
        return isHead() ? "GET" : request.prologue().method().text();
    }

    boolean isHead() {
        return request.prologue().method().text().equals("HEAD");
    }

    /** A part of the address after the question mark, empty where it is not there. */
    String query(String name) {
        return request.query().first(name).orElse("");
    }

    Body body() throws IOException {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        // A form of another page can send any other type without being asked.
        if (!type.startsWith(JSON)) {
            throw ApiError.wrong("", "The body's Content-Type is not application/json.");
        }
        try (InputStream in = request.content().inputStream()) {
            return Body.of(new String(patience.with(in::readAllBytes), StandardCharsets.UTF_8));
        }
    }

    void json(String json) throws IOException {
        send(JSON, json.getBytes(StandardCharsets.UTF_8));
    }

    /** The whole answer; of what HEAD asks for, its length alone. */
    void send(String type, byte[] bytes) throws IOException {
        response.header("Content-Type", type);
        response.header("Content-Length", Integer.toString(bytes.length));
        OutputStream out = response.outputStream();
        write(out, isHead() ? new byte[0] : bytes);
        close(out);
    }

    /** Starts an answer of unknown length. */
    OutputStream begin(String type) {
        response.header("Content-Type", type);
        response.header("X-Accel-Buffering", "no");
        return response.outputStream();
    }

    void write(OutputStream out, byte[] bytes) throws IOException {
        try {
            patience.with(() -> {
                out.write(bytes);
                out.flush();
                return bytes;
            });
        } catch (ServerConnectionException e) {
            throw left(e);
        }
    }

    void close(OutputStream out) throws IOException {
        try {
            out.close();
        } catch (ServerConnectionException e) {
            throw left(e);
        }
    }

    private static IOException left(ServerConnectionException e) {
        return new IOException("who asked has left", e);
    }

    /** Nothing, where part of an answer has gone out. */
    void refuse(ApiError error) {
        if (response.isSent()) {
            return;
        }
        if (error.status() == 503) {
            response.header("Retry-After", "2");
        }
        response.status(Status.create(error.status()));
        try {
            json(error.toJson());
        } catch (IOException _) {
            // Who asked has left.
        }
    }
}
