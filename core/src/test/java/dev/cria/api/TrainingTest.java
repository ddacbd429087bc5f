package dev.cria.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings as a Java program asks for them: from text to a tuned model. */
final class TrainingTest {
    @TempDir
    private static Path folder;

    private static Path configuration = Path.of("");
    private static Path rows = Path.of("");

    @BeforeAll
    static void prepareTexts() throws IOException {
        Path text = folder.resolve("text.txt");
        Files.writeString(
                text,
                IntStream.range(0, 400)
                        .mapToObj(
                                i -> "Llama " + i % 10 + " hums at dusk, and its young, which drinks milk, is a cria.")
                        .collect(Collectors.joining("\n")));
        rows = folder.resolve("rows.jsonl");
        Files.writeString(
                rows,
                IntStream.range(0, 8)
                        .mapToObj(i ->
                                "{\"instruction\": \"Say %d.\", \"input\": \"\", \"output\": \"%d\"}".formatted(i, i))
                        .collect(Collectors.joining("\n")));
        Corpus.learnTokenizer(List.of(text), 290, folder.resolve("tok"));
        assertThat(Corpus.prepare(List.of(text), folder.resolve("tok").toString(), folder.resolve("data")))
                .isGreaterThan(1000);
        configuration = folder.resolve("small.yaml");
        Files.writeString(configuration, """
            model: {hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2,
                    vocab_size: 384, max_position_embeddings: 256}
            tokenizer: %s
            data: {path: %s}
            batch: {sequence_length: 32, micro_batch: 4, tokens_per_step: 128}
            schedule: {learning_rate: 0.003, min_learning_rate: 0.0003, warmup_steps: 1, steps: 8}
            validation: {every: 4, batches: 1}
            benchmarks: {every: 0}
            samples: {every: 0}
            checkpoint: {every: 4, async: false}
            device: cpu
            """.formatted(folder.resolve("tok"), folder.resolve("data")));
    }

    private static Path place(String name) {
        return folder.resolve(name);
    }

    @Test
    void aCancelledTrainingResumesAsIfItHadNeverStopped() throws IOException {
        List<Step> whole = new ArrayList<>();
        List<Validation> validations = new ArrayList<>();
        TrainingResult finished = Trainer.of(configuration, place("whole"))
                .onStep(whole::add)
                .onValidation(validations::add)
                .run();
        assertThat(finished.end()).isEqualTo(TrainingResult.End.FINISHED);
        assertThat(finished.step()).isEqualTo(8);
        assertThat(validations).extracting(Validation::step).containsExactly(0L, 4L, 8L);

        Cancellation cancellation = new Cancellation();
        List<Step> parts = new ArrayList<>();
        TrainingResult cancelled = Trainer.of(configuration, place("parts"))
                .cancelledBy(cancellation)
                .onStep(step -> {
                    parts.add(step);
                    if (step.number() == 2) {
                        cancellation.cancel();
                    }
                })
                .run();
        assertThat(cancelled.end()).isEqualTo(TrainingResult.End.CANCELLED);
        assertThat(cancelled.step()).isEqualTo(3);
        Trainer.resume(place("parts")).onStep(parts::add).run();

        assertThat(parts).extracting(Step::loss).containsExactlyElementsOf(losses(whole));
        assertThat(place("parts").resolve("checkpoints/step-0000008/model.safetensors"))
                .hasSameBinaryContentAs(finished.checkpoint().resolve("model.safetensors"));
    }

    private static List<Double> losses(List<Step> steps) {
        return steps.stream().map(Step::loss).toList();
    }

    @Test
    void fromAForkToATunedModelThatAnswers() {
        Trainer.of(configuration, place("base")).run();
        assertThat(Trainer.fork(place("base"), 4, place("fork"))
                        .set("schedule.learning_rate", 0.001)
                        .run()
                        .step())
                .isEqualTo(8);
        List<String> messages = new ArrayList<>();
        TrainingResult tuned = Tuner.of(place("base").toString(), rows, place("tuned"))
                .set("schedule.steps", 3)
                .set("batch.accumulation", 1)
                .set("lora.rank", 2)
                .set("data.max_length", 200)
                .set("device", "cpu")
                .onMessage(messages::add)
                .run();
        assertThat(messages).anyMatch(line -> line.startsWith("adapter"));
        try (Model model = Model.open(tuned.run().toString());
                Model base = Model.open(place("base").toString());
                Model half = Model.open(place("base") + "@4")) {
            assertThat(model.chat().ask("Say 1.")).isNotNull();
            assertThat(half.score("Llama", " hums")).isNotEqualTo(base.score("Llama", " hums"));
        }
    }

    @Test
    void aRequestThatIsWrongIsRefusedAndWritesNothing() {
        Training training = Trainer.of(configuration, place("wrong")).set("schedule.stepz", 3);
        assertThatThrownBy(training::run).isInstanceOf(RequestException.class).hasMessageContaining("schedule.stepz");
        assertThat(place("wrong")).doesNotExist();
    }

    @Test
    void anExceptionOfTheCallbackEndsTheTrainingAndItsMemoryComesBack() {
        Memory memory = Memory.of(Device.CPU);
        long before = memory.liveBytes();
        Training training = Trainer.of(configuration, place("thrown")).onStep(step -> {
            if (step.number() == 5) {
                throw new IllegalStateException("enough");
            }
        });
        assertThatThrownBy(training::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("enough");
        assertThat(memory.liveBytes()).isEqualTo(before);
        assertThat(Trainer.resume(place("thrown")).run().step()).isEqualTo(8);
    }

    /** Figures and small letters of other countries do not come into files, nor a dotless i into keys. */
    @Test
    void twoAtOnceInOneJvmUnderAnotherLocaleAreWhatEachAloneIs() {
        List<Double> alone = new ArrayList<>();
        Trainer.of(configuration, place("alone"))
                .onStep(s -> alone.add(s.loss()))
                .run();
        Locale before = Locale.getDefault();
        List<Double> first = new ArrayList<>();
        List<Double> second = new ArrayList<>();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));
            assertThat("%d".formatted(7)).isNotEqualTo("7");
            var one = CompletableFuture.runAsync(() -> Trainer.of(configuration, place("one"))
                    .onStep(s -> first.add(s.loss()))
                    .run());
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            Trainer.of(configuration, place("two"))
                    .onStep(s -> second.add(s.loss()))
                    .run();
            one.join();
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));
            Trainer.of(configuration, place("three")).set("log.csv", true).run();
        } finally {
            Locale.setDefault(before);
        }
        assertThat(first).isEqualTo(alone);
        assertThat(second).isEqualTo(alone);
        for (String file : List.of("log.txt", "config.yaml")) {
            assertThat(place("three").resolve(file)).content().matches("\\p{ASCII}*");
        }
        assertThat(place("three").resolve("log.txt"))
                .hasSameTextualContentAs(place("alone").resolve("log.txt"));
    }
}
