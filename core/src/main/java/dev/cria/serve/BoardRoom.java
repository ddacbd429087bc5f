package dev.cria.serve;

import dev.cria.RequestException;
import dev.cria.board.Board;
import dev.cria.board.BoardJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the board's page asks for, and a stream that says what has changed. */
public final class BoardRoom implements Server.Room {
    private static final String RUNS = "/cria/board/runs";
    private static final String CURVES = "/cria/board/curves";
    private static final String DETAILS = "/cria/board/details";
    private static final String CHANGES = "/cria/board/changes";
    private static final Set<String> PATHS = Set.of(RUNS, CURVES, DETAILS, CHANGES);
    private static final long MILLIS_BETWEEN_LOOKS = 1000;

    private final Board board;
    private final BoardJson json;
    private final Thread looking;
    private volatile boolean closed;

    private BoardRoom(List<Path> places) {
        this.board = new Board(places);
        this.json = new BoardJson(board);
        this.looking = Thread.ofPlatform().daemon().name("board").start(this::look);
    }

    /**
     * All runs below these directories.
     *
     * @throws RequestException if one is no directory
     */
    public static BoardRoom of(List<Path> directories) {
        for (Path directory : directories) {
            if (!Files.isDirectory(directory)) {
                throw new RequestException(directory + " is not a directory", "cria board runs");
            }
        }
        return new BoardRoom(directories);
    }

    private void look() {
        while (!closed) {
            board.refresh();
            try {
                Thread.sleep(MILLIS_BETWEEN_LOOKS);
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    @Override
    public boolean has(String method, String path) {
        return method.equals("GET") && PATHS.contains(path);
    }

    @Override
    public void answer(Exchange exchange) throws IOException, InterruptedException {
        String run = exchange.query("run");
        switch (exchange.path()) {
            case RUNS -> exchange.json(json.overview());
            case CURVES -> send(exchange, json.curves(run));
            case DETAILS -> send(exchange, json.details(run));
            default -> tellChanges(exchange);
        }
    }

    private static void send(Exchange exchange, Optional<String> json) throws IOException {
        exchange.json(json.orElseThrow(ApiError::notFound));
    }

    private void tellChanges(Exchange exchange) throws IOException, InterruptedException {
        if (exchange.isHead()) {
            exchange.send(Reply.EVENTS, new byte[0]);
            return;
        }
        var reply = new Reply(exchange, true);
        reply.sign();
        long seen = board.changesAfter(-1, 1).version();
        while (!closed) {
            Board.Changes changes = board.changesAfter(seen, 2 * MILLIS_BETWEEN_LOOKS);
            if (changes.runs().isEmpty()) {
                reply.sign();
            } else {
                reply.event(Json.MAPPER.writeValueAsString(changes.runs()));
            }
            seen = changes.version();
        }
        reply.close();
    }

    @Override
    public void drain() {
        closed = true;
    }

    @Override
    public void close() {
        closed = true;
        looking.interrupt();
    }
}
