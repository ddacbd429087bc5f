package dev.cria.format;

import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories that appear whole or not at all, as {@link AtomicFiles} does it for files. */
public final class AtomicDirectory {
    private AtomicDirectory() {}

    /** Fills a directory with files. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Path directory) throws IOException;
    }

    /**
     * Makes a directory with the content; nothing stays where that fails.
     *
     * @throws RequestException if there is something at {@code target} already
     */
    public static void write(Path target, Content content) {
        Path unfinished = AtomicFiles.temporaryFor(target.toAbsolutePath().normalize());
        try {
            if (Files.isRegularFile(target) || Files.isDirectory(target) && !isEmpty(target)) {
                throw new RequestException(target + " already exists", "choose another --out, or remove it");
            }
            delete(unfinished);
            Files.createDirectories(unfinished);
            content.writeTo(unfinished);
            for (Path file : list(unfinished)) {
                AtomicFiles.force(file);
            }
            AtomicFiles.force(unfinished);
            Files.deleteIfExists(target);
            AtomicFiles.moveIntoPlace(unfinished, target);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        } finally {
            discard(unfinished);
        }
    }

    /** A new directory that is gone when this program ends. */
    public static Path temporary(String prefix) {
        try {
            Path directory = Files.createTempDirectory(prefix);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> discard(directory)));
            return directory;
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        return list(directory).isEmpty();
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    /** Removes a directory as far as can be. */
    public static void discard(Path unfinished) {
        try {
            delete(unfinished);
        } catch (IOException _) {
            // The failure that led here is the one to tell; the next attempt clears the rest away.
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
