package dev.cria.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What programs compile against is as it was: {@code mvn -pl core test -Dtest=ApiSignatureTest -Dapi=write} writes it
 * anew. A line that is gone or different breaks somebody's program and wants another first number of the version.
 */
final class ApiSignatureTest {
    private static final Path GOLDEN = Path.of("src/test/resources/api/signatures.txt");
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.cria.api");

    @Test
    void whatProgramsCompileAgainstIsAsItWas() throws IOException {
        String now = String.join("\n", types().flatMap(ApiSignatureTest::lines).toList()) + "\n";
        if ("write".equals(System.getProperty("api"))) {
            Files.writeString(GOLDEN, now);
        }
        assertThat(now)
                .as("run: mvn -pl core test -Dtest=ApiSignatureTest -Dapi=write")
                .isEqualTo(Files.readString(GOLDEN));
    }

    @Test
    void itSpeaksOfNothingButItselfAndTheJdk() {
        assertThat(types().flatMap(ApiSignatureTest::members).flatMap(ApiSignatureTest::mentioned))
                .allMatch(type -> type.isPrimitive()
                        || type.getPackageName().startsWith("java.")
                        || type.getPackageName().equals("dev.cria.api"));
    }

    private static Stream<Class<?>> types() {
        Stream<Class<?>> api = CLASSES.stream()
                .filter(c -> c.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC))
                .<Class<?>>map(JavaClass::reflect);
        return Stream.concat(
                        api, Stream.of(RequestException.class, RequestException.Problem.class, WorkException.class))
                .sorted((a, b) -> a.getName().compareTo(b.getName()));
    }

    private static Stream<Executable> members(Class<?> type) {
        return Stream.concat(Arrays.stream(type.getDeclaredConstructors()), Arrays.stream(type.getDeclaredMethods()))
                .map(Executable.class::cast)
                .filter(m -> Modifier.isPublic(m.getModifiers()) && !m.isSynthetic());
    }

    private static Stream<Class<?>> mentioned(Executable member) {
        Stream<Class<?>> result = member instanceof Method m ? Stream.of(m.getReturnType()) : Stream.empty();
        return Stream.concat(result, Arrays.stream(member.getParameterTypes()))
                .map(type -> type.isArray() ? type.getComponentType() : type);
    }

    private static Stream<String> lines(Class<?> type) {
        Stream<String> members = members(type).map(ApiSignatureTest::line).sorted();
        List<String> constants = type.isEnum()
                ? Arrays.stream(type.getEnumConstants()).map(c -> "    " + c).toList()
                : List.of();
        return Stream.of(Stream.of(type.toGenericString()), constants.stream(), members)
                .flatMap(lines -> lines);
    }

    private static String line(Executable member) {
        return "    "
                + switch (member) {
                    case Constructor<?> c -> c.toGenericString();
                    case Method m -> m.toGenericString();
                };
    }
}
