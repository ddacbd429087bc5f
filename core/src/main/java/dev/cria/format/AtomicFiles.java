package dev.cria.format;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/**
 * Files that appear whole or not at all: written beside their place under a hidden name, forced to the disk, renamed
 * over it, and the directory forced too, so that neither a kill nor a power cut leaves half a file under a real name.
 */
public final class AtomicFiles {
    private static final int READ_BUFFER = 1 << 20;

    private AtomicFiles() {}

    /** Writes a file's bytes to a channel that stands at its start. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /** Replaces {@code target} by what {@code content} writes. Missing directories above it are made. */
    public static void write(Path target, Content content) {
        Path temporary = temporaryFor(target);
        try {
            Files.createDirectories(directoryOf(target));
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            moveIntoPlace(temporary, target);
        } catch (IOException e) {
            deleteQuietly(temporary);
            throw cannotWrite(target, e);
        } catch (RuntimeException | Error e) {
            deleteQuietly(temporary);
            throw e;
        }
    }

    /** Replaces {@code target} by {@code bytes}. */
    public static void write(Path target, byte[] bytes) {
        write(target, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /** Replaces {@code target} by {@code text} in UTF-8. */
    public static void write(Path target, String text) {
        write(target, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Replaces {@code target} by a copy of {@code source}. */
    public static void copy(Path source, Path target) {
        write(target, to -> {
            try (FileChannel from = FileChannel.open(source)) {
                for (long at = 0; at < from.size(); ) {
                    at += from.transferTo(at, from.size() - at, to);
                }
            }
        });
    }

    /** The hidden name under which {@code target} is written before it is renamed; a leftover of a kill is reused. */
    public static Path temporaryFor(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".tmp");
    }

    /**
     * Renames a finished file or directory over {@code target} in one step and forces the directory. The caller has
     * forced the contents.
     */
    public static void moveIntoPlace(Path finished, Path target) {
        try {
            Files.move(finished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(directoryOf(target));
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
    }

    /** Forces a file's bytes, or a directory's entries, to the disk. */
    public static void force(Path path) {
        // A directory can be opened for reading on POSIX systems only; elsewhere its entries are the system's care.
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            if (!Files.isDirectory(path)) {
                throw cannotWrite(path, e);
            }
        }
    }

    /** The SHA-256 of a file's bytes in lower-case hexadecimal. */
    public static String sha256(Path file) {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[READ_BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw cannotRead(file, e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A fresh SHA-256, which every Java platform has. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a Java platform without SHA-256", e);
        }
    }

    /** Writes all of the buffer. */
    public static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** The refusal for a file that could not be read: the request is wrong if it isn't there. */
    public static RuntimeException cannotRead(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return new RequestException(file + " is not there", "ls " + directoryOf(file));
        }
        if (e instanceof CharacterCodingException) {
            return new RequestException(file + " is not text in UTF-8", "file " + file);
        }
        return new WorkException("cannot read " + file + ": " + reason(e), "ls -l " + file, e);
    }

    /** The failure for a file that could not be written, such as on a full disk. */
    public static WorkException cannotWrite(Path file, IOException e) {
        return new WorkException("cannot write " + file + ": " + reason(e), "df -h " + directoryOf(file), e);
    }

    /** Why, without the path, which those who tell it have named already. */
    public static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "something of that name is there";
            case NotDirectoryException _ -> "not a directory";
            case FileSystemException system when system.getReason() != null -> system.getReason();
            default -> Objects.requireNonNullElse(e.getMessage(), "the system gives no reason");
        };
    }

    private static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // The failure that led here is the one to tell.
        }
    }
}
