package dev.cria.data.source;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubAddress;
import dev.cria.format.hub.HubSettings;
import java.io.IOException;
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
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files named on a command line, in order: files as they are, directories and globs as the sorted files in them.
 *
 * @param files at least one
 * @param textField the column or key that holds the text
 */
public record Sources(List<InputFile> files, String textField) {

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

    /** {@link #find(List, String, Hub)} with the hub that the environment's variables describe, without a display. */
    public static Sources find(List<String> inputs, String textField) {
        HubSettings settings = HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home")));
        return find(inputs, textField, new Hub(settings, Progress.silent()));
    }

    /**
     * Finds the files, and downloads those on the hub.
     *
     * @param inputs files, directories, which are walked, globs such as {@code data/*.parquet}, and addresses such as
     *     {@code hf://datasets/OWNER/NAME}
     * @throws RequestException if one of them leads to no file that can be read
     */
    public static Sources find(List<String> inputs, String textField, Hub hub) {
        List<InputFile> files = new ArrayList<>();
        for (String input : inputs) {
            files.addAll(HubAddress.isOne(input) ? filesOf(HubAddress.parse(input), hub) : filesOf(input));
        }
        return new Sources(List.copyOf(files), textField);
    }

    /** Finds the files of a directory of this machine, in the order of their names. */
    public static Sources of(Path directory, String textField) {
        return new Sources(filesOf(directory.toString()), textField);
    }

    private static List<InputFile> filesOf(HubAddress address, Hub hub) {
        return hub.fetch(address, path -> InputFormat.of(path).isPresent() && !path.endsWith(".md")).stream()
                .map(cached -> describe(cached.path(), cached.name()))
                .toList();
    }

    private static List<InputFile> filesOf(String input) {
        Path path = Path.of(input);
        if (Files.isRegularFile(path)) {
            return List.of(describe(path));
        }
        List<InputFile> found;
        if (Files.isDirectory(path)) {
            found = walk(path, Sources::isKnown);
        } else if (input.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0)) {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + input);
            found = walk(fixedPart(input), matcher::matches);
        } else {
            Path above = fixedPart(input);
            throw new RequestException(
                    input + " is not there", "ls " + (above.toString().isEmpty() ? "." : above));
        }
        if (found.isEmpty()) {
            throw new RequestException(
                    input + " leads to no file that can be read",
                    "name files, directories or globs of .parquet, .jsonl, .jsonl.gz, .jsonl.zst or .txt");
        }
        return found;
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

    private static boolean isKnown(Path file) {
        return DocumentFile.isNamedSo(file.getFileName().toString());
    }

    private static List<InputFile> walk(Path directory, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(wanted)
                    .filter(Files::isRegularFile)
                    .sorted()
                    .map(Sources::describe)
                    .toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(directory, e);
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
        return new Chain(files.iterator(), textField);
    }

    private static final class Chain implements Blocks {
        private final Iterator<InputFile> files;
        private final String textField;
        private @Nullable Blocks current;

        Chain(Iterator<InputFile> files, String textField) {
            this.files = files;
            this.textField = textField;
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
            return DocumentFile.open(file.name(), new LocalFile(file.path()), textField);
        }

        @Override
        public void close() {
            Optional.ofNullable(current).ifPresent(Blocks::close);
            current = null;
        }
    }
}
