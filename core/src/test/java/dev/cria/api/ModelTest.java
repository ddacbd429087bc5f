package dev.cria.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.RequestException;
import dev.cria.format.GgufWriter.Type;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;
import dev.cria.weights.GgufExport;
import dev.cria.weights.ModelExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model as a Java program uses it. */
final class ModelTest {
    private static final ModelOptions CPU = ModelOptions.defaults().device("cpu");
    private static final GenerationOptions SHORT =
            GenerationOptions.defaults().maxNewTokens(12).temperature(0.9).topK(50);

    @TempDir
    private static Path folder;

    private static String directory = "";

    @BeforeAll
    static void writeModel() {
        directory = SmallDirectories.write(
                        SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("model"), DType.FLOAT32)
                .toString();
    }

    @Test
    void theStreamIsTheText() {
        List<String> pieces = new ArrayList<>();
        try (Model model = Model.open(directory, CPU)) {
            Written written = model.generate("A llama", SHORT, pieces::add);

            assertThat(String.join("", pieces)).isEqualTo(written.text());
            assertThat(pieces).hasSizeGreaterThan(3);
            assertThat(model.generate("A llama", SHORT)).isEqualTo(written.text());
            assertThat(model.generate("A llama", SHORT.seed(2))).isNotEqualTo(written.text());
        }
    }

    @Test
    void aTextEndsWhereItIsCancelled() {
        Cancellation cancellation = new Cancellation();
        List<String> pieces = new ArrayList<>();
        try (Model model = Model.open(directory, CPU)) {
            Written written = model.generate("A llama", SHORT.cancelledBy(cancellation), piece -> {
                pieces.add(piece);
                if (pieces.size() == 3) {
                    cancellation.cancel();
                }
            });

            assertThat(written.end()).isEqualTo(Written.End.CANCELLED);
            assertThat(written.tokens()).isEqualTo(3);
        }
    }

    @Test
    void aScoreIsTheLogarithmOfAProbability() {
        try (Model model = Model.open(directory, CPU)) {
            double together = model.score("A llama", " is") + model.score("A llama is", " woolly");
            assertThat(model.score("A llama", " is woolly")).isCloseTo(together, within(1e-4));

            List<String> letters = IntStream.rangeClosed('!', '~')
                    .mapToObj(c -> String.valueOf((char) c))
                    .toList();
            double sum =
                    model.score("123", letters).stream().mapToDouble(Math::exp).sum();
            assertThat(sum).isBetween(0.0, 1.0);
            assertThatThrownBy(() -> model.score("", "x")).isInstanceOf(RequestException.class);
        }
    }

    @Test
    void int8WritesAndDoesNotScore() {
        try (Model model = Model.open(directory, CPU.precision(ModelOptions.Precision.INT8))) {
            assertThat(model.generate("A llama", SHORT)).isNotEmpty();
            assertThatThrownBy(() -> model.score("A", " llama"))
                    .isInstanceOf(RequestException.class)
                    .hasMessageContaining("int8");
        }
    }

    @Test
    void aChatRemembersWhatWasSaid() {
        try (Model model = Model.open(directory, CPU)) {
            Chat chat = model.chat();
            String first = chat.ask("Hum.", SHORT, _ -> {}).text();
            String second = chat.ask("Hum.", SHORT, _ -> {}).text();
            assertThat(model.chat().ask("Hum.", SHORT, _ -> {}).text()).isEqualTo(first);
            assertThat(second).isNotEqualTo(first);
        }
    }

    @Test
    void severalModelsAndThreadsAtOnceWriteWhatOneAloneWrites() {
        try (Model one = Model.open(directory, CPU);
                Model other = Model.open(directory, CPU.precision(ModelOptions.Precision.BF16))) {
            List<String> alone = List.of(one.generate("A llama", SHORT), other.generate("A llama", SHORT));
            List<CompletableFuture<String>> together = IntStream.range(0, 8)
                    .mapToObj(i ->
                            CompletableFuture.supplyAsync(() -> (i % 2 == 0 ? one : other).generate("A llama", SHORT)))
                    .toList();
            for (int i = 0; i < 8; i++) {
                assertThat(together.get(i).join()).isEqualTo(alone.get(i % 2));
            }
        }
    }

    @Test
    void aClosedModelGivesItsMemoryBackAndRefuses() {
        Memory memory = Memory.of(Device.CPU);
        long before = memory.liveBytes();
        Model model = Model.open(directory, CPU.precision(ModelOptions.Precision.BF16));
        model.generate("A llama", SHORT);
        assertThatThrownBy(() -> model.generate("A llama", SHORT, _ -> model.close()))
                .isInstanceOf(IllegalStateException.class);
        model.close();
        model.close();

        assertThat(memory.liveBytes()).isEqualTo(before);
        assertThat(memory.freeBytes()).isZero();
        assertThatThrownBy(() -> model.generate("A llama", SHORT)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatAGgufFileIsConvertedToIsGoneWithItsModel() throws IOException {
        Path file = folder.resolve("model.gguf");
        GgufExport.write(Path.of(directory), file, Type.F32, new ModelExport.Vocabulary.OfTokenizer());
        List<String> messages = new ArrayList<>();
        List<Path> before = conversions();
        try (Model model = Model.open(file.toString(), CPU.onMessage(messages::add));
                Model original = Model.open(directory, CPU)) {
            assertThat(conversions()).hasSize(before.size() + 1);
            assertThat(model.generate("A llama", SHORT.temperature(0)))
                    .isEqualTo(original.generate("A llama", SHORT.temperature(0)));
        }
        assertThat(conversions()).isEqualTo(before);
        assertThat(messages).anyMatch(line -> line.contains("is converted"));
    }

    private static List<Path> conversions() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(p -> p.getFileName().toString().startsWith("cria-import"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aModelThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> Model.open(folder.resolve("nothing").toString(), CPU))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("nothing");
        assertThatThrownBy(() -> Model.open(directory + "@7", CPU))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("no checkpoint of step 7");
    }

    @Test
    void aJvmWithoutTheVectorModuleIsToldWhatToAdd() throws IOException, InterruptedException {
        Path said = folder.resolve("said.txt");
        int code = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opening.class.getName(),
                        directory)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start()
                .waitFor();

        assertThat(Files.readString(said))
                .contains("add --add-modules jdk.incubator.vector to the options of java")
                .doesNotContain("\tat ");
        assertThat(code).isZero();
    }

    /** A program that has not been told of the module. */
    static final class Opening {
        private Opening() {}

        public static void main(String[] args) {
            try (Model model = Model.open(args[0])) {
                System.out.println(model.positions());
            } catch (dev.cria.WorkException e) {
                System.out.println(e.error() + "; " + e.hint());
            }
        }
    }
}
