package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.cli.LauncherRows.Row;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Every command, and every value of an option that has a list of them, as a user starts them: through the launcher, with
 * its options of the JVM, on the jar of this build. Maven runs this after it has packaged that.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(300)
@Order(1) // The longest, beside which the others run.
final class LauncherIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    /** Started otherwise below, since they take minutes. */
    private static final Set<String> ELSEWHERE = Set.of("demo", "bench --scaling", "primer --size");

    @TempDir
    private static Path folder;

    private record Ran(int code, String out, String err) {}

    @BeforeAll
    static void writeInputs() throws IOException {
        Files.writeString(
                folder.resolve("text.txt"),
                lines(400, i -> "Llama %d is an animal of the Andes; its young is a cria, and it hums %s."
                        .formatted(
                                i,
                                List.of("quietly", "loudly", "at night", "with friends", "alone")
                                        .get(i % 5))));
        Files.writeString(
                folder.resolve("labelled.jsonl"),
                lines(40, i -> "{\"text\": \"Llamas %d hum, and %s\", \"score\": %d, \"dump\": \"d%d\"}"
                        .formatted(i, i % 2 == 0 ? "teach well" : "sell cheap", i % 2 == 0 ? 4 : 0, i % 3)));
        Files.writeString(
                folder.resolve("rows.jsonl"),
                lines(8, i -> "{\"instruction\": \"Say %d.\", \"input\": \"\", \"output\": \"%d\"}".formatted(i, i)));
        Files.writeString(folder.resolve("scores.csv"), """
            rater,id,prompt,text,coherence,fluency,relevance,factual_accuracy,depth,creativity
            Ann,001,,,1,2,3,4,5,6
            """);
        Files.createDirectories(folder.resolve("benchmarks"));
        Files.writeString(
                folder.resolve("benchmarks/hellaswag.jsonl"),
                lines(4, i -> ("{\"ind\": %d, \"activity_label\": \"Humming\", \"ctx\": \"A llama\", \"ctx_a\": \"A"
                                + " llama\", \"ctx_b\": \"\", \"endings\": [\"hums.\", \"flies.\", \"reads.\","
                                + " \"melts.\"], \"source_id\": \"s\", \"split\": \"val\", \"split_type\":"
                                + " \"indomain\", \"label\": \"0\"}")
                        .formatted(i)));
        Files.writeString(folder.resolve("small.yaml"), """
            model: {hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2,
                    vocab_size: 384, max_position_embeddings: 512}
            tokenizer: tok
            out: run
            data: {path: data}
            batch: {sequence_length: 32, micro_batch: 2, tokens_per_step: 128}
            schedule: {learning_rate: 0.003, min_learning_rate: 0.0003, warmup_steps: 1, steps: 4}
            validation: {every: 2, batches: 1}
            benchmarks: {every: 0}
            samples: {every: 2, prompts: ["A llama"], count: 1, max_new_tokens: 4}
            checkpoint: {every: 2}
            """);
        Files.writeString(folder.resolve("tune.yaml"), """
            lora: {rank: 2}
            data: {max_length: 400}
            batch: {micro_batch: 2, accumulation: 2}
            schedule: {steps: 2}
            """);
    }

    private static String lines(int count, IntFunction<String> line) {
        return String.join("\n", IntStream.range(0, count).mapToObj(line).toList()) + "\n";
    }

    static List<Row> rows() {
        return LauncherRows.ALL;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyCommandRunsAsItIsTyped(Row row) throws Exception {
        Ran ran = cria(HOME, row.input(), row.words());

        assertThat(ran.code).as(ran.err).isEqualTo(row.code());
        assertIsPlain(ran);
    }

    private static void assertIsPlain(Ran ran) {
        assertThat(ran.err.lines())
                .as(ran.err)
                .noneMatch(line -> line.startsWith("\tat ") || line.startsWith("WARNING"));
        assertThat(ran.err).doesNotContain("Exception");
    }

    @Test
    void everyCommandAndEveryValueOfAnOptionHasARow() {
        List<String> missing = new ArrayList<>();
        check("", Main.commandLine(), missing);
        assertThat(missing).as("add rows to LauncherRows").isEmpty();
    }

    private static void check(String path, CommandLine command, List<String> missing) {
        for (CommandLine sub : Set.copyOf(command.getSubcommands().values())) {
            check((path + " " + sub.getCommandName()).strip(), sub, missing);
        }
        if (ELSEWHERE.contains(path)) {
            return;
        }
        List<Row> own = LauncherRows.ALL.stream()
                .filter(row -> (row.line() + " ").startsWith(path + " "))
                .toList();
        if (own.isEmpty() && !path.isEmpty()) {
            missing.add(path);
        }
        for (OptionSpec option : command.getCommandSpec().options()) {
            String name = option.longestName();
            if (!ELSEWHERE.contains(path + " " + name)) {
                values(option)
                        .filter(value ->
                                own.stream().noneMatch(row -> (row.line() + " ").contains(name + " " + value + " ")))
                        .forEach(value -> missing.add(path + " " + name + " " + value));
            }
        }
    }

    private static Stream<String> values(OptionSpec option) {
        Object[] constants = option.typeInfo().getAuxiliaryTypes()[0].getEnumConstants();
        return constants == null
                ? Stream.of()
                : Arrays.stream(constants).map(value -> value.toString().toLowerCase(Locale.ROOT));
    }

    static Collection<String> commands() {
        return Main.commandLine().getSubcommands().keySet();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpIsAllThatIsPrintedForHelp(String command) throws Exception {
        Ran ran = cria(HOME, "", List.of(command, "--help"));

        assertThat(ran.code).isZero();
        assertThat(ran.err).isEmpty();
        assertThat(ran.out).contains("Usage: cria " + command);
    }

    @Test
    void refusalsBeginWithTheError() throws Exception {
        for (String line :
                List.of("generate run --temprature 0", "pretrain --config missing.yaml", "export missing --out x")) {
            Ran ran = cria(HOME, "", List.of(line.split(" ")));
            assertThat(ran.code).isEqualTo(Main.REQUEST_WRONG);
            assertThat(ran.err).startsWith("error: ").contains("\nhint: ");
        }
    }

    @Test
    void aDemoRunsUntilItIsInterrupted() throws Exception {
        Path out = folder.resolve("demo");
        Process demo = start(HOME, List.of("demo", "--quick", "--out", out.toString()));
        try {
            while (demo.isAlive() && !Files.exists(out.resolve("pretrain/metrics.jsonl"))) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            demo.destroy();
            assertThat(demo.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.exitValue()).isEqualTo(TrainingOptions.INTERRUPTED);
        } finally {
            demo.destroyForcibly();
        }
    }

    @Test
    void aCopiedCloneRunsItsOwnJarsAndDamagedArchivesArePassedOver() throws Exception {
        Path clone = folder.resolve("a clone");
        copyClone(clone);
        Path settings = folder.resolve("settings");
        ProcessBuilder shown =
                builder(clone, List.of("--version")).redirectErrorStream(true).redirectOutput(settings.toFile());
        shown.environment().put("CRIA_JAVA_OPTS", "-XshowSettings:properties");
        assertThat(shown.start().waitFor()).isZero();
        assertThat(Files.readString(settings))
                .contains(clone.resolve("core/target/cria.jar").toString())
                .doesNotContain(HOME.resolve("core/target").toString());

        Random random = new Random(7);
        for (String archive : List.of("cria.aot", "cria.jsa")) {
            assertThat(clone.resolve("core/target").resolve(archive)).exists();
            for (int round = 0; round < 3; round++) {
                flipBits(clone.resolve("core/target").resolve(archive), 200, random);
                assertThat(cria(clone, "", List.of("--version")).code).isZero();
                Ran computing = cria(clone, "", List.of("plan", "--config", "small.yaml"));
                assertThat(computing.code).as(computing.err).isZero();
            }
        }
    }

    /** Laid out as the release archive is, with bash and coreutils alone on the path, from a folder of any name. */
    @Test
    void aReleaseRunsOnTheJavaBesideItAndOnNothingElse() throws Exception {
        Path release = Files.createDirectories(folder.resolve("a release/app")).getParent();
        Files.copy(HOME.resolve("cria"), release.resolve("cria"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createSymbolicLink(release.resolve("runtime"), Path.of(System.getProperty("java.home")));
        for (String part : List.of("target/cria.jar", "target/lib", "jvm.options")) {
            Path from = HOME.resolve("core").resolve(part);
            Files.createSymbolicLink(release.resolve("app").resolve(from.getFileName()), from);
        }
        Path bin = Files.createDirectories(folder.resolve("bin"));
        for (String program : List.of("bash", "env", "readlink")) {
            Files.createSymbolicLink(bin.resolve(program), onPath(program));
        }
        Path link = Files.createSymbolicLink(bin.resolve("cria"), release.resolve("cria"));
        for (String command : List.of("--version", "plan --config small.yaml", "prepare nothing --out nowhere")) {
            List<String> words = new ArrayList<>(List.of(link.toString()));
            words.addAll(List.of(command.split(" ")));
            Path said = folder.resolve("said");
            ProcessBuilder builder = new ProcessBuilder(words)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile());
            builder.environment().keySet().removeAll(Set.of("JAVA_HOME", "JDK_HOME"));
            builder.environment().put("PATH", bin.toString());

            int expected = command.startsWith("prepare") ? Main.REQUEST_WRONG : 0;
            assertThat(builder.start().waitFor()).as(Files.readString(said)).isEqualTo(expected);
            assertThat(Files.readString(said)).doesNotContain("building").doesNotContain("\tat ");
        }
        try (Stream<Path> files = Files.list(release)) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("app", "cria", "runtime");
        }
    }

    private static Path onPath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPlatformWithoutLibtorchIsRefusedBeforeAnythingIsBuilt() throws Exception {
        Path clone = folder.resolve("other");
        copy(clone, "cria", "pom.xml", "core/pom.xml", "core/jvm.options", "core/src/main");
        Path uname =
                Files.writeString(clone.resolve("uname"), "#!/bin/sh\n[ $1 = -s ] && echo Linux || echo riscv64\n");
        assertThat(uname.toFile().setExecutable(true)).isTrue();
        Path said = folder.resolve("said");
        ProcessBuilder builder =
                builder(clone, List.of("doctor")).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().merge("PATH", clone.toString(), (path, first) -> first + ":" + path);

        assertThat(builder.start().waitFor()).isEqualTo(Main.REQUEST_WRONG);
        assertThat(Files.readString(said)).isEqualTo("""
            error: there is no libtorch for Java on Linux riscv64
            hint: Cria runs on Linux x86_64, macOS arm64 and x86_64, and Windows x86_64
            """);
        assertThat(clone.resolve("core/target")).doesNotExist();
    }

    private static void copyClone(Path clone) throws IOException {
        copy(clone, "cria", "pom.xml", "core/pom.xml", "core/jvm.options", "core/src/main", "core/target/cria.made");
        copy(clone, "core/target/cria.jar");
        Files.createSymbolicLink(clone.resolve("core/target/lib"), HOME.resolve("core/target/lib"));
        // It was built after its sources were copied, as far as the copy knows.
        Files.setLastModifiedTime(
                clone.resolve("core/target/cria.jar"), FileTime.fromMillis(System.currentTimeMillis()));
    }

    /** As cp -a does it. */
    private static void copy(Path clone, String... parts) throws IOException {
        for (String part : parts) {
            try (Stream<Path> files = Files.walk(HOME.resolve(part))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path to = clone.resolve(HOME.relativize(file).toString());
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private static void flipBits(Path file, int count, Random random) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (int i = 0; i < count; i++) {
                long at = (long) (random.nextDouble() * bytes.length());
                bytes.seek(at);
                int former = bytes.read();
                bytes.seek(at);
                bytes.write(former ^ 1 << random.nextInt(8));
            }
        }
    }

    private Ran cria(Path home, String input, List<String> words) throws Exception {
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        Path in = Files.writeString(folder.resolve("stdin"), input);
        int code = builder(home, words)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Ran(code, Files.readString(out), Files.readString(err));
    }

    private Process start(Path home, List<String> words) throws IOException {
        return builder(home, words)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
    }

    private ProcessBuilder builder(Path home, List<String> words) {
        List<String> command = new ArrayList<>(List.of(home.resolve("cria").toString()));
        command.addAll(words);
        return new ProcessBuilder(command).directory(folder.toFile());
    }
}
