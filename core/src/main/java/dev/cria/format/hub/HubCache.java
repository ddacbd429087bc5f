package dev.cria.format.hub;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A repository's folder in the cache, laid out like the hub's own: {@code blobs/} by content, {@code snapshots/COMMIT/}
 * with a link for each file, {@code refs/} with the commit of each branch.
 */
record HubCache(HubAddress address, Path folder) {

    static HubCache of(HubAddress address, HubSettings settings) {
        return new HubCache(address, settings.cache().resolve(address.cacheFolder()));
    }

    Path blob(HubFile file) {
        return folder.resolve("blobs").resolve(file.blob());
    }

    /** The commit that the branch had when it was last looked up; a commit stands for itself. */
    Optional<String> commit() {
        Path reference = folder.resolve("refs").resolve(address.revision());
        try {
            if (Files.exists(reference)) {
                return Optional.of(Files.readString(reference).strip());
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(reference, e);
        }
        return Files.isDirectory(snapshot(address.revision())) ? Optional.of(address.revision()) : Optional.empty();
    }

    void remember(String commit) {
        if (!commit.equals(address.revision())) {
            AtomicFiles.write(folder.resolve("refs").resolve(address.revision()), commit);
        }
    }

    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    /** Makes the file of a snapshot: a link to its blob, or where links cannot be made, the blob itself. */
    Path link(String commit, HubFile file) {
        Path place = snapshot(commit).resolve(file.path());
        if (!place.normalize().startsWith(snapshot(commit).normalize())
                || file.blob().contains("/")) {
            throw new RequestException(address + " lists the file " + file.path(), "use another source");
        }
        try {
            Path above = Objects.requireNonNull(place.getParent(), "a file below a snapshot has a folder above it");
            Files.createDirectories(above);
            if (!Files.exists(place)) {
                Files.deleteIfExists(place);
                Files.createSymbolicLink(place, above.relativize(blob(file)));
            }
        } catch (UnsupportedOperationException | IOException _) {
            copy(file, place);
        }
        return place;
    }

    private void copy(HubFile file, Path place) {
        try {
            Files.copy(blob(file), place);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(place, e);
        }
    }

    /** The files of the last snapshot in the address's folder, for when there is no network. */
    List<Path> files(String commit) {
        Path root = snapshot(commit).resolve(address.folder());
        if (Files.isRegularFile(root)) {
            return List.of(root);
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException _) {
            return List.of();
        }
    }

    String pathInRepository(String commit, Path file) {
        return snapshot(commit).relativize(file).toString().replace('\\', '/');
    }
}
