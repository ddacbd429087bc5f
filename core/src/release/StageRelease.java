import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lays out what the release archive holds: {@code java StageRelease.java CLONE STAGE TIMESTAMP}. Every byte follows from the
 * sources, the libraries and the JDK that runs this, so two builds are equal.
 *
 * <pre>
 * cria           the launcher, as in the clone
 * runtime/       a Java runtime with the modules that Cria loads
 * app/           the jar, its libraries, the JVM's options and the archive of loaded classes
 * completion/    for bash, zsh and fish
 * man/           a page for each command
 * </pre>
 */
final class StageRelease {
    /** Those that jdeps finds in Cria, and of its libraries' what Cria comes to; the rest is Hadoop's and JLine's own. */
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.desktop",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.security.jgss",
            "java.sql",
            "jdk.crypto.ec",
            "jdk.incubator.vector",
            "jdk.management",
            "jdk.unsupported",
            "jdk.zipfs");

    private static final List<String> PAGES =
            List.of("README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "SECURITY.md", "examples", "docs");

    /** A class that is loaded at a moment that threads agree upon is not in every list of them. */
    private static final int REHEARSALS = 3;

    /** The C++ library that libtorch's jars leave to the system; a machine that has one uses its own. */
    private static final List<Path> CPP_LIBRARIES =
            List.of(Path.of("/usr/lib/x86_64-linux-gnu/libstdc++.so.6"), Path.of("/usr/lib64/libstdc++.so.6"));

    private final Path clone;
    private final Path stage;
    private final FileTime timestamp;

    private StageRelease(Path clone, Path stage, FileTime timestamp) {
        this.clone = clone;
        this.stage = stage;
        this.timestamp = timestamp;
    }

    public static void main(String[] args) throws Exception {
        Path stage = Path.of(args[1]).toAbsolutePath();
        delete(stage);
        new StageRelease(Path.of(args[0]).toAbsolutePath().normalize(), stage, FileTime.from(Instant.parse(args[2])))
                .run();
    }

    private void run() throws Exception {
        Files.createDirectories(stage.getParent());
        link();
        addFont();
        for (String page : PAGES) {
            copy(clone.resolve(page), stage.resolve(page));
        }
        copy(clone.resolve("cria"), stage.resolve("cria"));
        Path app = Files.createDirectories(stage.resolve("app"));
        copy(clone.resolve("core/target/cria.jar"), app.resolve("cria.jar"));
        copy(clone.resolve("core/target/lib"), app.resolve("lib"));
        copy(clone.resolve("core/jvm.options"), app.resolve("jvm.options"));
        addCppLibrary(app);
        // The archive of classes fits libraries of this very time.
        setTimes();
        archiveClasses();
        java(List.of("dev.cria.cli.ShellFiles", stage.toString()));
        setTimes();
    }

    private void link() {
        ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow();
        int code = jlink.run(
                System.out,
                System.err,
                "--add-modules",
                String.join(",", MODULES),
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--compress",
                "zip-0",
                "--output",
                stage.resolve("runtime").toString());
        if (code != 0) {
            throw new IllegalStateException("jlink ended with " + code);
        }
    }

    /** Which Java takes by itself, before any that the system has: pictures are the same everywhere. */
    private void addFont() throws IOException {
        Path unpacked = clone.resolve("core/target/font");
        Path lib = stage.resolve("runtime/lib");
        Path fonts = Files.createDirectories(lib.resolve("fonts"));
        Files.copy(
                unpacked.resolve("org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf"),
                fonts.resolve("LiberationSans-Regular.ttf"));
        Files.copy(unpacked.resolve("META-INF/LICENSE"), fonts.resolve("LICENSE"));
        List<String> lines = new ArrayList<>(List.of("version=1", "sequence.allfonts=default"));
        for (String family : List.of("dialog", "dialoginput", "sansserif", "serif", "monospaced")) {
            for (String style : List.of("plain", "bold", "italic", "bolditalic")) {
                lines.add(family + "." + style + ".default=Liberation Sans");
            }
        }
        lines.add("filename.Liberation_Sans=$JRE_LIB_FONTS/LiberationSans-Regular.ttf");
        Files.write(lib.resolve("fontconfig.properties"), lines);
    }

    private static void addCppLibrary(Path app) throws IOException {
        Optional<Path> library = CPP_LIBRARIES.stream().filter(Files::exists).findFirst();
        if (library.isPresent()) {
            Path folder = Files.createDirectories(app.resolve("native"));
            Files.copy(library.get().toRealPath(), folder.resolve(library.get().getFileName()));
            Files.writeString(
                    folder.resolve("LICENSE"),
                    "libstdc++.so.6 is GCC's C++ library, as the machine that built this release had it: GPL 3 with"
                            + " the GCC Runtime Library Exception 3.1.\n"
                            + "Its sources are GCC's: https://gcc.gnu.org\n");
        }
    }

    /** A static archive: those that the JVM writes of a running program differ from run to run. */
    private void archiveClasses() throws Exception {
        Path list = stage.resolveSibling("classes.txt");
        Set<String> classes = new TreeSet<>(rehearse(list));
        for (int i = 1; i < REHEARSALS; i++) {
            classes.retainAll(rehearse(list));
        }
        Files.write(list, classes);
        java(List.of("-Xshare:dump", "-XX:SharedClassListFile=" + list, "-XX:SharedArchiveFile=app/cria.jsa"));
    }

    /** The loaded classes, without the numbers that the order of loading gives them, and without hints by constant. */
    private Set<String> rehearse(Path list) throws Exception {
        java(List.of("-XX:DumpLoadedClassList=" + list, "dev.cria.cli.Rehearsal"));
        return Files.readAllLines(list).stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith("@cp"))
                .map(line -> line.replaceFirst(" id: \\d+$", ""))
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** In the stage, with relative paths: no byte tells where it was built. */
    private void java(List<String> words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                stage.resolve("runtime/bin/java").toString(),
                "@app/jvm.options",
                "-XX:+UseSerialGC",
                "-cp",
                classPath()));
        command.addAll(words);
        Path log = stage.resolveSibling("stage.log");
        int code = new ProcessBuilder(command)
                .directory(stage.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start()
                .waitFor();
        if (code != 0) {
            throw new IllegalStateException(String.join(" ", words) + " ended with " + code + "; see " + log);
        }
    }

    /** In the launcher's order, which the archive of classes is bound to. */
    private String classPath() throws IOException {
        try (Stream<Path> libraries = Files.list(stage.resolve("app/lib"))) {
            return Stream.concat(Stream.of(stage.resolve("app/cria.jar")), libraries.sorted())
                    .map(file -> stage.relativize(file).toString())
                    .collect(Collectors.joining(java.io.File.pathSeparator));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.sorted().toList()) {
                Path within = from.relativize(file);
                // What an example's own build has left.
                if (!within.toString().matches("(.*/)?target(/.*)?")) {
                    Files.copy(file, to.resolve(within.toString()), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private void setTimes() throws IOException {
        for (Path file : walk(stage)) {
            Files.setLastModifiedTime(file, timestamp);
        }
    }

    private static void delete(Path tree) throws IOException {
        for (Path file : walk(tree).reversed()) {
            file.toFile().setWritable(true);
            Files.delete(file);
        }
    }

    private static List<Path> walk(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(tree)) {
            return files.sorted().toList();
        }
    }
}
