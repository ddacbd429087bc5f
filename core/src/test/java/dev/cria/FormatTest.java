package dev.cria;

import static org.assertj.core.api.Assertions.assertThat;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every Java file is as palantir-java-format writes it. {@code mvn -pl core test -Dtest=FormatTest -Dformat=apply}
 * rewrites those that are not. (A test, because Maven's own process may run on a JDK that can't parse Java 25.)
 */
final class FormatTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    @Test
    void everyFileIsFormatted() throws Exception {
        boolean apply = "apply".equals(System.getProperty("format"));
        Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
                .style(Style.PALANTIR)
                .formatJavadoc(false)
                .build());
        List<Path> unformatted = new ArrayList<>();
        for (Path file : javaFiles()) {
            String source = Files.readString(file);
            String formatted = formatter.formatSourceAndFixImports(source);
            if (formatted.equals(source)) {
                continue;
            }
            if (apply) {
                Files.writeString(file, formatted);
            } else {
                unformatted.add(ROOT.relativize(file));
            }
        }
        assertThat(unformatted)
                .as("run: mvn -pl core test -Dtest=FormatTest -Dformat=apply")
                .isEmpty();
    }

    private static List<Path> javaFiles() throws Exception {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(f -> f.toString().endsWith(".java"))
                    .filter(f -> !ROOT.relativize(f).toString().contains("target"))
                    .sorted()
                    .toList();
        }
    }
}
