package dev.cria.board;

import dev.cria.run.RunFiles;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** The runs below some directories. One thread looks at their files now and then; who asks sees what it saw. */
public final class Board {
    private static final int MOST_RUNS = 1000;
    private static final int DEEPEST = 6;

    private final List<Path> places;
    private final Map<String, BoardRun> runs = new ConcurrentSkipListMap<>();
    private final Map<String, Long> versions = new LinkedHashMap<>();
    private long version;

    /** @param places directories with runs below them, or runs */
    public Board(List<Path> places) {
        this.places = List.copyOf(places);
    }

    Optional<BoardRun> run(String name) {
        return Optional.ofNullable(runs.get(name));
    }

    List<BoardRun> runs() {
        return List.copyOf(runs.values());
    }

    /** Looks for runs and at their files again. */
    public void refresh() {
        Map<String, Path> found = find();
        runs.keySet().retainAll(found.keySet());
        found.forEach((name, directory) -> runs.computeIfAbsent(name, n -> new BoardRun(n, directory)));
        synchronized (this) {
            versions.keySet().retainAll(found.keySet());
        }
        // Each is shown as soon as it is read: the first look at long runs takes a while.
        runs.values().stream().parallel().filter(BoardRun::refresh).forEach(this::publish);
    }

    private synchronized void publish(BoardRun run) {
        version++;
        versions.put(run.name(), version);
        notifyAll();
    }

    /** Names of what changed after a version, with the version now. */
    public record Changes(long version, List<String> runs) {}

    /** Waits until something changes, at most so long. */
    public synchronized Changes changesAfter(long seen, long mostMillis) throws InterruptedException {
        if (version <= seen) {
            wait(mostMillis);
        }
        return new Changes(
                version,
                versions.entrySet().stream()
                        .filter(e -> e.getValue() > seen)
                        .map(Map.Entry::getKey)
                        .toList());
    }

    private Map<String, Path> find() {
        Map<String, Path> found = new LinkedHashMap<>();
        for (Path place : places) {
            List<Path> directories = new ArrayList<>();
            try {
                Files.walkFileTree(place, EnumSet.noneOf(FileVisitOption.class), DEEPEST, new Finder(directories));
            } catch (IOException _) {
                // What cannot be listed has no runs to show.
            }
            for (Path run : directories) {
                String name = run.equals(place)
                        ? String.valueOf(place.toAbsolutePath().normalize().getFileName())
                        : place.relativize(run).toString();
                for (int again = 2; found.containsKey(name) && !run.equals(found.get(name)); again++) {
                    name = name.replaceFirst(" \\(\\d+\\)$", "") + " (" + again + ")";
                }
                found.put(name, run);
            }
        }
        return found;
    }

    /** Runs hold no runs, so their own directories are not searched. */
    private static final class Finder extends SimpleFileVisitor<Path> {
        private final List<Path> found;

        Finder(List<Path> found) {
            this.found = found;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (found.size() >= MOST_RUNS) {
                return FileVisitResult.TERMINATE;
            }
            boolean isRun = Files.isRegularFile(directory.resolve(RunFiles.CONFIG))
                    && Files.isRegularFile(directory.resolve(RunFiles.METRICS));
            if (isRun) {
                found.add(directory);
                return FileVisitResult.SKIP_SUBTREE;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
        }
    }
}
