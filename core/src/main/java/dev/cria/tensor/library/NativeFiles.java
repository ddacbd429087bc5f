package dev.cria.tensor.library;

import dev.cria.WorkException;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;

/**
 * libtorch's files, unpacked from its jars. JavaCPP extracts and loads them one by one, and the first load on a machine
 * then crashes: a library is opened before those that it needs lie beside it. Extracting all of them first is the cure.
 * The lock keeps two processes that start together from reading half-written files.
 */
public final class NativeFiles {
    private static final Optional<Path> FOLDER = unpack();

    private NativeFiles() {}

    /** Returns when all files are there. */
    static void ready() {
        folder();
    }

    /** Where libtorch for CPUs lies, if this class path has that one. */
    private static Optional<Path> folder() {
        return FOLDER;
    }

    private static Optional<Path> unpack() {
        System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        try {
            Path cache = Loader.getCacheDir().toPath();
            Files.createDirectories(cache);
            Path lock = cache.resolve(".cria.lock");
            try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                String platform = Loader.getPlatform();
                Loader.cacheResources("/org/bytedeco/openblas/" + platform + "/");
                File[] folders = Loader.cacheResources("/org/bytedeco/pytorch/" + platform + "/");
                Loader.cacheResources("/org/bytedeco/pytorch/" + platform + "-gpu/");
                return Arrays.stream(folders)
                        .map(File::toPath)
                        .filter(Files::isDirectory)
                        .findFirst();
            }
        } catch (IOException e) {
            throw new WorkException(
                    "the native libraries cannot be unpacked: " + e.getMessage(),
                    "give JavaCPP a writable folder: CRIA_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=/some/folder",
                    e);
        }
    }

    /**
     * The library that has the CPU's kernels, where it can be opened alone. That takes a tenth of the time of loading
     * libtorch with its thousands of Java classes. JavaCPP must have loaded it once on this machine: it then leaves links
     * to what the library needs beside it.
     */
    public static Optional<Path> kernels() {
        return folder().filter(folder -> Files.exists(folder.resolve("libopenblas.so.0")))
                .map(folder -> folder.resolve("libtorch_cpu.so"))
                .filter(Files::isRegularFile);
    }
}
