package dev.cria.tensor.cuda;

import dev.cria.tensor.library.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * CUDA's own libraries, which libtorch's CUDA build needs and does not bring: found in the folders named by
 * {@code CRIA_CUDA_PATH} and {@code LD_LIBRARY_PATH}, in an installed toolkit, among the system's libraries, and in the
 * folders of Python's packages, where PyTorch's own CUDA build has them from.
 *
 * <p>A library that is loaded already is found by its name when another one needs it, so loading them in the order of
 * their needs makes libtorch find them wherever they lie.
 */
public final class CudaLibraries {
    static final String NVRTC = "libnvrtc.so.13";

    /** Which CUDA libtorch was built with; a newer minor version serves too. */
    public static final String VERSION = "13";

    /** What libtorch asks for, each after those that it needs. */
    private static final List<Library> NEEDED = List.of(
            new Library("libcudart.so.13", "nvidia-cuda-runtime"),
            new Library("libnvJitLink.so.13", "nvidia-nvjitlink"),
            new Library("libcublasLt.so.13", "nvidia-cublas"),
            new Library("libcublas.so.13", "nvidia-cublas"),
            new Library("libcusparse.so.12", "nvidia-cusparse"),
            new Library("libcusolver.so.12", "nvidia-cusolver"),
            new Library("libcusolverMg.so.12", "nvidia-cusolver"),
            new Library("libcufft.so.12", "nvidia-cufft"),
            new Library("libcurand.so.10", "nvidia-curand"),
            new Library("libcupti.so.13", "nvidia-cuda-cupti"),
            new Library("libcufile.so.0", "nvidia-cufile"),
            new Library("libnccl.so.2", "nvidia-nccl-cu13"),
            new Library("libcudnn.so.9", "nvidia-cudnn-cu13"),
            new Library("libcudnn_graph.so.9", "nvidia-cudnn-cu13"),
            new Library("libcudnn_ops.so.9", "nvidia-cudnn-cu13"),
            new Library("libcudnn_cnn.so.9", "nvidia-cudnn-cu13"),
            new Library("libcudnn_adv.so.9", "nvidia-cudnn-cu13"),
            new Library(NVRTC, "nvidia-cuda-nvrtc"));

    private static final CudaLibraries HERE = search();

    private final Map<String, Path> found;

    /** A library by the name that others ask for it, and the Python package that carries it. */
    public record Library(String file, String wheel) {}

    private CudaLibraries(Map<String, Path> found) {
        this.found = found;
    }

    /** Those of this machine. */
    public static CudaLibraries here() {
        return HERE;
    }

    private static CudaLibraries search() {
        if (!System.getProperty("os.name").startsWith("Linux")) {
            return new CudaLibraries(Map.of());
        }
        CudaLibraries installed = in(folders());
        return installed.missing().isEmpty() ? installed : in(withPython(folders()));
    }

    /** The needed libraries that lie in some of these folders, each from the first that has it. */
    static CudaLibraries in(Set<Path> folders) {
        Map<String, Path> found = new LinkedHashMap<>();
        for (Library library : NEEDED) {
            folders.stream()
                    .map(folder -> folder.resolve(library.file()))
                    .filter(Files::isReadable)
                    .findFirst()
                    .ifPresent(file -> found.put(library.file(), file));
        }
        return new CudaLibraries(found);
    }

    private static Set<Path> folders() {
        Set<Path> folders = new LinkedHashSet<>();
        listed("CRIA_CUDA_PATH", folders);
        listed("LD_LIBRARY_PATH", folders);
        for (String home : List.of("CUDA_HOME", "CUDA_PATH")) {
            variable(home).ifPresent(path -> folders.add(path.resolve("lib64")));
        }
        for (String pattern : List.of("cuda", "cuda-" + VERSION + "*")) {
            for (Path toolkit : matching(Path.of("/usr/local"), pattern)) {
                folders.add(toolkit.resolve("lib64"));
                folders.add(toolkit.resolve("extras/CUPTI/lib64"));
            }
        }
        for (String system : List.of("/opt/cuda/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")) {
            folders.add(Path.of(system));
        }
        for (String environment : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            variable(environment).ifPresent(path -> {
                folders.add(path.resolve("lib"));
                packages(path.resolve("lib"), folders);
            });
        }
        for (String prefix : List.of(System.getProperty("user.home") + "/.local", "/usr/local", "/usr", "/opt/conda")) {
            packages(Path.of(prefix, "lib"), folders);
        }
        return folders;
    }

    private static void listed(String name, Set<Path> folders) {
        for (String folder : System.getenv().getOrDefault(name, "").split(File.pathSeparator)) {
            if (!folder.isBlank()) {
                folders.add(Path.of(folder));
            }
        }
    }

    private static Optional<Path> variable(String name) {
        return Optional.ofNullable(System.getenv(name))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }

    /** The libraries among the packages of every Python that has its own under {@code lib}. */
    private static void packages(Path lib, Set<Path> folders) {
        for (Path python : matching(lib, "python3*")) {
            for (String packages : List.of("site-packages", "dist-packages")) {
                wheels(python.resolve(packages), folders);
            }
        }
    }

    /** NVIDIA's packages keep their libraries in {@code nvidia/SOME/lib}. */
    private static void wheels(Path packages, Set<Path> folders) {
        for (Path wheel : matching(packages.resolve("nvidia"), "*")) {
            folders.add(wheel.resolve("lib"));
        }
    }

    private static List<Path> matching(Path folder, String pattern) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
            List<Path> sorted = new ArrayList<>();
            entries.forEach(sorted::add);
            sorted.sort(java.util.Comparator.reverseOrder());
            return sorted;
        } catch (IOException _) {
            return List.of();
        }
    }

    /** Also the folders of the Python on the path, which may be anywhere. */
    private static Set<Path> withPython(Set<Path> folders) {
        try {
            Process python = new ProcessBuilder("python3", "-c", "import sys; print('\\n'.join(sys.path))")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (python.waitFor(5, TimeUnit.SECONDS)) {
                python.inputReader()
                        .lines()
                        .filter(line -> !line.isBlank())
                        .forEach(line -> wheels(Path.of(line), folders));
            } else {
                python.destroyForcibly();
            }
        } catch (IOException _) {
            return folders;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return folders;
    }

    /** The needed libraries that are nowhere, in the order in which they are needed. */
    public List<Library> missing() {
        return NEEDED.stream()
                .filter(library -> !found.containsKey(library.file()))
                .toList();
    }

    /** Where each of the others lies. */
    Map<String, Path> found() {
        return Map.copyOf(found);
    }

    /** The command that brings what is missing. */
    public Optional<String> remedy() {
        List<String> wheels = missing().stream().map(Library::wheel).distinct().toList();
        return wheels.isEmpty() ? Optional.empty() : Optional.of("python3 -m pip install " + String.join(" ", wheels));
    }

    /** Loads all that was found, so that libtorch finds it. */
    public void load() {
        NEEDED.stream().map(Library::file).filter(found::containsKey).forEach(this::open);
    }

    /** One of the needed libraries, ready to be called; none where it is nowhere. */
    Optional<NativeLibrary> open(String name) {
        Optional<Path> file = Optional.ofNullable(found.get(name));
        if (name.equals(NVRTC)) {
            // NVRTC looks for its built-in functions where the system does, not beside itself.
            file.map(Path::getParent).stream()
                    .flatMap(folder -> matching(folder, "libnvrtc-builtins.so." + VERSION + "*").stream())
                    .forEach(builtins -> NativeLibrary.open(builtins.toString()));
        }
        return file.flatMap(path -> NativeLibrary.open(path.toString()));
    }

    /** The files' folders, for people. */
    public Stream<Path> foundIn() {
        return found.values().stream().map(Path::getParent).distinct();
    }
}
