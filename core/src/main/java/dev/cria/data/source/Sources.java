package dev.cria.data.source;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubAddress;
import dev.cria.format.hub.HubSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files named on a command line, in order: files as they are, directories and globs as the sorted files in them.
 *
 * @param files at least one
 * @param passedOver files of directories that are not data, each with the reason
 * @param reading how documents are read
 */
public record Sources(List<InputFile> files, List<PassedOver> passedOver, Reading reading) {

    private static final int NAMED = 5;

    /** A file of a directory that is not read, and why. */
    public record PassedOver(String name, String reason) {}

    /** A file, its name as the user would know it, and what it holds. */
    public record InputFile(Path path, String name, long bytes, long modifiedMillis) {

        /** The file as it stands in manifests; in this order, which becomes bytes. */
        public Map<String, Object> describe() {
            Map<String, Object> described = new LinkedHashMap<>();
            described.put("file", name);
            described.put("bytes", bytes);
            return described;
        }
    }

    /** {@link #find(List, Reading, Hub)} with the hub that the environment's variables describe, without a display. */
    public static Sources find(List<String> inputs, String textField) {
        HubSettings settings = HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home")));
        return find(inputs, Reading.of(textField), new Hub(settings, Progress.silent()));
    }

    /**
     * Finds the files, and downloads those on the hub.
     *
     * @param inputs files, directories, which are walked, globs such as {@code data/*.parquet}, and addresses such as
     *     {@code hf://datasets/OWNER/NAME}
     * @throws RequestException if one of them leads to no file that can be read
     */
    public static Sources find(List<String> inputs, Reading reading, Hub hub) {
        List<InputFile> files = new ArrayList<>();
        List<PassedOver> passedOver = new ArrayList<>();
        for (String input : inputs) {
            if (HubAddress.isOne(input)) {
                addHub(input, hub, files, passedOver);
            } else {
                addLocal(input, files, passedOver);
            }
        }
        return new Sources(List.copyOf(files), List.copyOf(passedOver), reading);
    }

    /** Finds the files of a directory of this machine, in the order of their names. */
    public static Sources of(Path directory, String textField) {
        List<InputFile> files = new ArrayList<>();
        List<PassedOver> passedOver = new ArrayList<>();
        addLocal(directory.toString(), files, passedOver);
        return new Sources(List.copyOf(files), List.copyOf(passedOver), Reading.of(textField));
    }

    private static void addHub(String input, Hub hub, List<InputFile> files, List<PassedOver> passedOver) {
        Map<String, String> left = new LinkedHashMap<>();
        hub.fetch(HubAddress.parse(input), path -> {
                    Optional<String> reason = DataFiles.passedOver(path);
                    reason.ifPresent(why -> left.put(path, why));
                    return reason.isEmpty();
                })
                .forEach(cached -> files.add(describe(cached.path(), cached.name())));
        left.forEach((path, why) -> passedOver.add(new PassedOver(input + ": " + path, why)));
    }

    private static void addLocal(String input, List<InputFile> files, List<PassedOver> passedOver) {
        Path path = Path.of(input);
        if (Files.isRegularFile(path)) {
            files.add(describe(path));
            return;
        }
        int before = files.size();
        int passedBefore = passedOver.size();
        if (Files.isDirectory(path)) {
            for (Path file : walk(path)) {
                Optional<String> reason = DataFiles.passedOver(slashed(path.relativize(file)))
                        .or(() -> Files.isRegularFile(file) ? Optional.empty() : Optional.of("not a file"));
                reason.ifPresentOrElse(
                        why -> passedOver.add(new PassedOver(file.toString(), why)), () -> files.add(describe(file)));
            }
        } else if (input.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0)) {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + input);
            walk(fixedPart(input)).stream()
                    .filter(file -> matcher.matches(file) && Files.isRegularFile(file))
                    .forEach(file -> files.add(describe(file)));
        } else {
            Path above = fixedPart(input);
            throw new RequestException(
                    "there is no " + input, "ls " + (above.toString().isEmpty() ? "." : above));
        }
        if (files.size() == before) {
            throw nothingFound(input, passedOver.subList(passedBefore, passedOver.size()));
        }
    }

    private static RequestException nothingFound(String input, List<PassedOver> passedOver) {
        String others = passedOver.stream()
                .limit(NAMED)
                .map(file -> file.name() + " (" + file.reason() + ")")
                .collect(Collectors.joining(", "));
        return new RequestException(
                input + " has no file that can be read" + (others.isEmpty() ? "" : "; passed over: " + others),
                "name files, directories or globs of .parquet, .jsonl, .json or .txt, compressed or not");
    }

    private static String slashed(Path path) {
        return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }

    /** The directory above the first part of a path that holds a wildcard. */
    private static Path fixedPart(String input) {
        int wildcard = 0;
        while (wildcard < input.length() && "*?[{".indexOf(input.charAt(wildcard)) < 0) {
            wildcard++;
        }
        int slash = input.lastIndexOf('/', wildcard - 1);
        return slash < 0 ? Path.of("") : slash == 0 ? Path.of("/") : Path.of(input.substring(0, slash));
    }

    /** All below a directory that are not directories, in the order of their names. */
    private static List<Path> walk(Path directory) {
        try (Stream<Path> files = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(file -> !Files.isDirectory(file)).sorted().toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(directory, e);
        } catch (UncheckedIOException e) {
            throw AtomicFiles.cannotRead(directory, new IOException(e.getMessage(), e));
        }
    }

    private static InputFile describe(Path path) {
        return describe(path, path.toString());
    }

    private static InputFile describe(Path path, String name) {
        try {
            return new InputFile(
                    path,
                    name,
                    Files.size(path),
                    Files.getLastModifiedTime(path).toMillis());
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(path, e);
        }
    }

    /** All files' bytes. */
    public long bytes() {
        return files.stream().mapToLong(InputFile::bytes).sum();
    }

    /** All blocks of all files, in order. A file that cannot be opened is one unreadable row. */
    public Blocks blocks() {
        return new Chain(files.iterator(), reading);
    }

    private static final class Chain implements Blocks {
        private final Iterator<InputFile> files;
        private final Reading reading;
        private @Nullable Blocks current;

        Chain(Iterator<InputFile> files, Reading reading) {
            this.files = files;
            this.reading = reading;
        }

        @Override
        public boolean hasNext() {
            while (current == null || !current.hasNext()) {
                close();
                if (!files.hasNext()) {
                    return false;
                }
                current = open(files.next());
            }
            return true;
        }

        @Override
        public Block next() {
            if (!hasNext() || current == null) {
                throw new NoSuchElementException();
            }
            return current.next();
        }

        private Blocks open(InputFile file) {
            return DocumentFile.open(file.name(), new LocalFile(file.path()), reading);
        }

        @Override
        public void close() {
            Optional.ofNullable(current).ifPresent(Blocks::close);
            current = null;
        }
    }
}
