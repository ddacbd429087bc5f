package dev.cria;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pages of docs/contributing fit the sources: all their changes together compile, and CONTRIBUTING.md says how many
 * files each one touches.
 */
final class GuidesTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path SOURCES = ROOT.resolve("core/src/main/java");
    private static final Pattern BLOCK = Pattern.compile("```(java|diff) (\\S+)\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder;

    /** A fenced block of a page: a new file, or lines to replace in one. */
    private record Change(Path page, String kind, String file, String text) {
        /** The file's text with this change. */
        String applied(String before) {
            if (kind.equals("java")) {
                return text;
            }
            String removed = lines("-");
            assertThat(before).as("%s, what it changes in %s", page, file).containsOnlyOnce(removed);
            return before.replace(removed, lines("+"));
        }

        /** The lines that stay, with those of one sign. */
        private String lines(String sign) {
            StringBuilder lines = new StringBuilder();
            text.lines()
                    .filter(line -> line.isEmpty() || line.startsWith(" ") || line.startsWith(sign))
                    .forEach(line -> lines.append(line.isEmpty() ? "" : line.substring(1))
                            .append('\n'));
            return lines.toString();
        }
    }

    @Test
    void allPagesTogetherCompile() throws IOException {
        Map<String, String> changed = new LinkedHashMap<>();
        for (Change change : changes()) {
            String before = changed.getOrDefault(change.file(), read(change.file()));
            changed.put(change.file(), change.applied(before));
        }
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            files.filter(f -> f.toString().endsWith(".java"))
                    .filter(f -> !changed.containsKey(ROOT.relativize(f).toString()))
                    .forEach(sources::add);
        }
        for (Map.Entry<String, String> file : changed.entrySet()) {
            Path target = folder.resolve(file.getKey());
            Files.createDirectories(target.getParent());
            sources.add(Files.writeString(target, file.getValue()));
        }
        compile(sources);
    }

    private void compile(List<Path> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<String> options = List.of(
                "-proc:none",
                "-nowarn",
                "--add-modules",
                "jdk.incubator.vector",
                "-d",
                Files.createDirectories(folder.resolve("classes")).toString(),
                "-cp",
                System.getProperty("java.class.path"));
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            boolean good = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertThat(good).as(said.toString()).isTrue();
        }
    }

    @Test
    void contributingSaysHowManyFilesEachTouches() throws IOException {
        String contributing = Files.readString(ROOT.resolve("CONTRIBUTING.md"));
        Map<Path, Set<String>> touched = new LinkedHashMap<>();
        changes().forEach(change -> touched.computeIfAbsent(change.page(), _ -> new LinkedHashSet<>())
                .add(change.file()));

        touched.forEach((page, files) -> {
            Matcher row = Pattern.compile("\\(docs/contributing/" + page.getFileName() + "\\) \\| (\\d+) \\|")
                    .matcher(contributing);
            assertThat(row.find()).as("a row for %s", page).isTrue();
            assertThat(Integer.parseInt(row.group(1))).as(page.toString()).isEqualTo(files.size());
        });
    }

    private static List<Change> changes() throws IOException {
        List<Change> changes = new ArrayList<>();
        try (Stream<Path> pages = Files.list(ROOT.resolve("docs/contributing"))) {
            for (Path page : pages.sorted().toList()) {
                Matcher block = BLOCK.matcher(Files.readString(page));
                while (block.find()) {
                    changes.add(new Change(page, block.group(1), block.group(2), block.group(3)));
                }
            }
        }
        assertThat(changes).isNotEmpty();
        return changes;
    }

    private static String read(String file) throws IOException {
        Path path = ROOT.resolve(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }
}
