package dev.cria.format.hub;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One file, fetched in pieces at once into {@code NAME.cria-incomplete} (the hub's own programs would
 * take a file {@code NAME.incomplete} for complete up to its length), checked against its size and hash, and renamed. The
 * pieces that are there are marked in a file of a byte each beside it, so that a cut download goes on with the others.
 */
final class Download {
    private static final byte FETCHED = 1;
    private static final int BUFFER = 1 << 20;

    private final HubHttp http;
    private final HubSettings settings;
    private final URI address;
    private final HubFile file;
    private final Path blob;
    private final Path incomplete;
    private final Path marks;
    private final Progress.Task task;

    Download(HubHttp http, HubSettings settings, URI address, HubFile file, Path blob, Progress.Task task) {
        this.http = http;
        this.settings = settings;
        this.address = address;
        this.file = file;
        this.blob = blob;
        this.incomplete = blob.resolveSibling(blob.getFileName() + ".cria-incomplete");
        this.marks = blob.resolveSibling(blob.getFileName() + ".pieces-" + settings.pieceBytes());
        this.task = task;
    }

    void run() {
        try (FileChannel content = open(incomplete);
                FileChannel fetched = open(marks)) {
            fetchPieces(content, fetched);
            content.force(true);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(incomplete, e);
        }
        check();
        AtomicFiles.moveIntoPlace(incomplete, blob);
        delete(marks);
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private void fetchPieces(FileChannel content, FileChannel fetched) throws IOException {
        List<Future<?>> pieces = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(
                settings.parallel(),
                Thread.ofPlatform().daemon().name("download-", 1).factory())) {
            int piece = 0;
            for (long from = 0; from < file.bytes(); from += settings.pieceBytes(), piece++) {
                long begin = from;
                long end = Math.min(file.bytes(), from + settings.pieceBytes());
                int number = piece;
                if (isFetched(fetched, number)) {
                    task.advance(end - begin);
                } else {
                    pieces.add(pool.submit(() -> fetch(content, fetched, number, begin, end)));
                }
            }
            try {
                await(pieces);
            } catch (RuntimeException e) {
                pool.shutdownNow();
                throw e;
            }
        }
    }

    private Void fetch(FileChannel content, FileChannel fetched, int piece, long from, long to) throws IOException {
        http.piece(address, from, to, file.bytes(), content);
        // The content before the mark: a mark without its bytes would be believed.
        content.force(false);
        fetched.write(ByteBuffer.wrap(new byte[] {FETCHED}), piece);
        task.advance(to - from);
        return null;
    }

    private static boolean isFetched(FileChannel fetched, int piece) throws IOException {
        ByteBuffer mark = ByteBuffer.allocate(1);
        return fetched.read(mark, piece) == 1 && mark.get(0) == FETCHED;
    }

    private static void await(List<Future<?>> pieces) {
        for (Future<?> piece : pieces) {
            try {
                piece.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorkException("interrupted while downloading", "start the same command again", e);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new WorkException("the download failed: " + e.getCause(), "start the same command again", e);
            }
        }
    }

    private void check() {
        String found = file.sha256().isPresent() ? AtomicFiles.sha256(incomplete) : gitHash();
        if (!found.equals(file.blob())) {
            delete(incomplete);
            delete(marks);
            throw new WorkException(
                    "%s came with the hash %s, and the hub says %s".formatted(address, found, file.blob()),
                    "start the same command again: the file will be fetched anew");
        }
    }

    /** Git's name for a file's content: SHA-1 over a header and the bytes. */
    private String gitHash() {
        try (InputStream in = Files.newInputStream(incomplete)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(("blob " + Files.size(incomplete) + "\0").getBytes(StandardCharsets.US_ASCII));
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a Java platform without SHA-1", e);
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(incomplete, e);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }
}
