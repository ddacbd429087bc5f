package dev.cria.serve;

import dev.cria.Progress;
import dev.cria.Redaction;
import dev.cria.RequestException;
import dev.cria.WorkException;
import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** The server: addresses, limits, who may come in, and how it ends. */
public final class Server implements AutoCloseable {
    private static final int MOST_BODY_BYTES = 8 << 20;
    private static final int MOST_HEADER_BYTES = 16 << 10;
    private static final int MOST_LINE_BYTES = 4 << 10;
    private static final int MOST_CONNECTIONS = 1024;
    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(5);
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // Its parent is kept, or its level would be forgotten.
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    private final ServeOptions options;
    private final Gate gate;
    private final List<Room> rooms;
    private final Metrics metrics;
    private final Progress progress;
    private final Patience patience;
    private final AtomicInteger inside = new AtomicInteger();
    private final WebServer web;
    private volatile boolean draining;

    /** What a part of the server answers. */
    interface Room extends AutoCloseable {
        /** Whether this is one of its addresses. */
        boolean has(String method, String path);

        void answer(Exchange exchange) throws IOException, InterruptedException;

        /** Ends what would go on for ever. */
        default void drain() {}

        @Override
        void close();
    }

    private Server(ServeOptions options, List<Room> rooms, Metrics metrics, Progress progress) {
        this.options = options;
        this.gate = new Gate(options);
        this.patience = new Patience(options.patience());
        this.rooms = rooms;
        this.metrics = metrics;
        this.progress = progress;
        HELIDON.setLevel(Level.OFF);
        this.web = start();
    }

    /** A server of models, and of the board where there is one. */
    public static Server of(
            ServeOptions options, Optional<ModelRoom> models, Optional<BoardRoom> board, Progress progress) {
        Metrics metrics = models.map(ModelRoom::metrics).orElseGet(Metrics::new);
        List<Room> rooms = Stream.concat(models.stream(), board.stream())
                .map(Room.class::cast)
                .toList();
        return new Server(options, rooms, metrics, progress);
    }

    private WebServer start() {
        DirectHandler plain = (_, type, status, headers, _) -> DirectHandler.TransportResponse.builder()
                .status(status)
                .header(HeaderNames.CONTENT_TYPE, Exchange.JSON)
                .entity(ApiError.wrong(
                                "",
                                type == EventType.PAYLOAD_TOO_LARGE
                                        ? "The body has more than " + MOST_BODY_BYTES + " bytes."
                                        : "The request is not understood.")
                        .toJson())
                .build();
        try {
            return WebServer.builder()
                    .host(options.host())
                    .port(options.port())
                    .maxPayloadSize(MOST_BODY_BYTES)
                    .writeBufferSize(0) // each write is a whole message or a whole event
                    .maxTcpConnections(MOST_CONNECTIONS)
                    .idleConnectionTimeout(options.patience())
                    .idleConnectionPeriod(options.patience().dividedBy(4))
                    .connectionOptions(
                            socket -> socket.readTimeout(options.patience()).tcpNoDelay(true))
                    .shutdownHook(false)
                    .protocolsDiscoverServices(false)
                    .addProtocol(Http1Config.builder()
                            .maxHeadersSize(MOST_HEADER_BYTES)
                            .maxPrologueLength(MOST_LINE_BYTES)
                            .addReceiveListener(patience)
                            .build())
                    .directHandlers(handlers -> {
                        for (EventType type : EventType.values()) {
                            handlers.addHandler(type, plain);
                        }
                    })
                    .routing(routing -> routing.any(this::handle))
                    .build()
                    .start();
        } catch (RuntimeException e) {
            throw new RequestException(
                    "cannot listen on " + options.host() + ":" + options.port() + ": " + reason(e),
                    "another program may use the port; --port 0 takes a free one");
        }
    }

    private static String reason(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return Redaction.line(String.valueOf(deepest.getMessage()));
    }

    /** {@code http://127.0.0.1:8080} */
    public String address() {
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return "http://" + host + ":" + web.port();
    }

    private void handle(ServerRequest request, ServerResponse response) {
        long since = System.nanoTime();
        var exchange = new Exchange(request, response, patience);
        inside.incrementAndGet();
        try {
            protect(response);
            answer(exchange);
        } catch (ApiError e) {
            exchange.refuse(e);
        } catch (RequestException e) {
            exchange.refuse(ApiError.wrong("", e.error() + "; " + e.hint()));
        } catch (WorkException e) {
            progress.say("error: " + e.error());
            exchange.refuse(ApiError.failed(e.error()));
        } catch (IOException | UncheckedIOException _) {
            // Who asked has left.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            progress.say("error: a request failed: " + e);
            exchange.refuse(ApiError.failed("The server failed; its log says how."));
        } finally {
            inside.decrementAndGet();
            String path = known(exchange.path()) ? exchange.path() : "other";
            metrics.answered(path, response.status().code(), (System.nanoTime() - since) / 1e9);
        }
        if (request.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
            // Helidon 4.5 promises to close and does not (its issue 12324).
            throw new CloseConnectionException("asked for");
        }
    }

    private boolean known(String path) {
        return PageFiles.isPage(path)
                || path.equals("/health")
                || path.equals("/metrics")
                || rooms.stream().anyMatch(room -> room.has("GET", path) || room.has("POST", path));
    }

    private static void protect(ServerResponse response) {
        response.header("Content-Security-Policy", POLICY);
        response.header("X-Content-Type-Options", "nosniff");
        response.header("Referrer-Policy", "no-referrer");
        response.header("Cross-Origin-Resource-Policy", "same-origin");
        response.header("Cache-Control", "no-store");
    }

    private void answer(Exchange exchange) throws IOException, InterruptedException {
        String path = exchange.path();
        boolean page = PageFiles.isPage(path);
        gate.check(exchange.request().headers(), page || path.equals("/health"));
        if (draining && !path.equals("/health")) {
            throw ApiError.busy("The server is about to end.");
        }
        boolean read = exchange.method().equals("GET");
        if (read && path.equals("/health")) {
            tellHealth(exchange);
        } else if (read && path.equals("/metrics")) {
            exchange.send("text/plain; version=0.0.4; charset=utf-8", metrics.text());
        } else if (read && page) {
            PageFiles.PageFile file = PageFiles.of(start(path)).orElseThrow(ApiError::notFound);
            exchange.send(file.type(), file.bytes());
        } else {
            room(exchange.method(), path).answer(exchange);
        }
    }

    private void tellHealth(Exchange exchange) throws IOException {
        boolean ends = draining;
        exchange.response().status(ends ? Status.SERVICE_UNAVAILABLE_503 : Status.OK_200);
        exchange.json("{\"status\":\"%s\"}".formatted(ends ? "draining" : "ok"));
    }

    private Room room(String method, String path) {
        return rooms.stream()
                .filter(room -> room.has(method, path))
                .findFirst()
                .orElseThrow(() -> known(path) ? ApiError.otherMethod(method) : ApiError.notFound());
    }

    /** Where there are no models, the board is the first page. */
    private String start(String path) {
        boolean models = rooms.stream().anyMatch(ModelRoom.class::isInstance);
        return path.equals("/") && !models ? "/board" : path;
    }

    /** Takes nothing new, finishes what runs, and ends. */
    @Override
    public void close() {
        draining = true;
        rooms.forEach(Room::drain);
        long until = System.nanoTime() + LONGEST_DRAIN.toNanos();
        while (inside.get() > 0 && System.nanoTime() < until) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        web.stop();
        rooms.forEach(Room::close);
    }
}
