package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecipeTest {
    /** The configuration as it is documented; its values are the paper's. */
    private static final String DOCUMENTED = """
        tokenizer: gpt2
        out: runs/dmas-1.7b
        data:
          path: data/fineweb-edu
          order: sequential
        batch:
          sequence_length: 1024
          micro_batch: 32
          tokens_per_step: 524288
        optimizer:
          kind: adamw
          betas: [0.9, 0.95]
          eps: 1.0e-8
          weight_decay: 0.1
          grad_clip: 1.0
          state: fp32
          momentum: 0.95
          adamw_learning_rate: null
        schedule:
          kind: cosine
          learning_rate: 6.0e-4
          min_learning_rate: 6.0e-5
          warmup_steps: 715
          steps: 40000
          decay_steps: 0
        loss:        {z_loss: 0.0}
        ema:         {decay: 0.0, every: 1}
        precision:
          compute: auto
          gradients: fp32
          recompute: none
        parallel:    {reproducible: false, shard: none}
        validation:  {every: 250, batches: 20}
        benchmarks:  {every: 250, tasks: [hellaswag], convention: harness, path: null, limit: 0, max_seconds: 0}
        samples:     {every: 250, prompts: ["Hello, I am a language model,"], count: 4, max_new_tokens: 32, max_length: 0, ignore_eos: false, top_k: 50, temperature: 1.0}
        checkpoint:  {every: 100, keep: 5, keep_every: 1000, keep_steps: [], keep_log: false, weights_only: false, async: true}
        log:         {tensorboard: true, csv: false, profile: false}
        kernels: auto
        guard:       {skip_nonfinite: 3, spike_sigma: 6.0}
        seed: 1337
        device: auto
        """;

    /** Every key with another value. */
    private static final String OTHER = """
        model: {preset: nano, vocab_size: 61}
        tokenizer: none
        out: elsewhere
        data: {path: there, order: shuffled}
        batch: {sequence_length: 17, micro_batch: 3, tokens_per_step: 102}
        optimizer:
          {kind: muon, betas: [0.8, 0.7], eps: 1.0e-6, weight_decay: 0.2, grad_clip: 2.0, state: int8, momentum: 0.9,
           adamw_learning_rate: 2.0e-3}
        schedule: {kind: linear, learning_rate: 1.0e-2, min_learning_rate: 1.0e-3, warmup_steps: 7, steps: 77, decay_steps: 21}
        loss: {z_loss: 1.0e-4}
        ema: {decay: 0.999, every: 3}
        precision: {compute: bf16, gradients: bf16, recompute: blocks}
        parallel: {reproducible: true, shard: gradients}
        validation: {every: 1, batches: 2}
        benchmarks: {every: 3, tasks: [hellaswag, hellaswag], convention: nanogpt, path: rows, limit: 4, max_seconds: 5.5}
        samples: {every: 6, prompts: [a, b], count: 7, max_new_tokens: 8, max_length: 10, ignore_eos: true, top_k: 9, temperature: 0.5}
        checkpoint: {every: 10, keep: 11, keep_every: 12, keep_steps: [2, 43250], keep_log: true, weights_only: true, async: false}
        log: {tensorboard: false, csv: true, profile: true}
        kernels: reference
        guard: {skip_nonfinite: 13, spike_sigma: 14.0}
        seed: 15
        device: cuda:1
        """;

    @TempDir
    private Path folder;

    @Test
    void everyKeyIsReadAndEveryDefaultIsTheDocumentedOne() throws IOException {
        Recipe other = ConfigFile.read(file(OTHER), Recipe.defaults(), List.of());
        Map<String, Object> defaults = leaves(Recipe.defaults());
        assertThat(leaves(other))
                .hasSameSizeAs(defaults)
                .allSatisfy((key, value) -> assertThat(value).as(key).isNotEqualTo(defaults.get(key)));

        Recipe documented = ConfigFile.read(file(DOCUMENTED), other, List.of());
        Map<String, Object> read = leaves(documented);
        read.put("model", Map.of());
        assertThat(read).isEqualTo(defaults);
    }

    @Test
    void aRunsConfigurationReadsBackAsTheSame() throws IOException {
        Recipe other = ConfigFile.read(file(OTHER), Recipe.defaults(), List.of());
        assertThat(ConfigFile.read(file(ConfigFile.toYaml(other)), Recipe.defaults(), List.of()))
                .isEqualTo(other);
        assertThat(ConfigFile.read(file(ConfigFile.toYaml(Recipe.defaults())), other, List.of("model={}"))
                        .benchmarks())
                .isEqualTo(Recipe.defaults().benchmarks());
    }

    @ParameterizedTest
    @CsvSource({"1, 16", "2, 8", "16, 1"})
    void accumulationFollowsFromTheRanks(int ranks, int accumulation) {
        assertThat(Recipe.defaults().batch().accumulation(ranks)).isEqualTo(accumulation);
    }

    @Test
    void refusesAStepThatCannotBeSplitAndSaysWhichCan() {
        var batch = new Recipe.Batch(1024, 32, 500_000);
        var refusal = catchThrowableOfType(RequestException.class, () -> batch.accumulation(2));
        assertThat(refusal.error())
                .isEqualTo("batch.tokens_per_step is 500000, not a multiple of micro_batch · sequence_length · ranks"
                        + " = 32 · 1024 · 2 = 65536");
        assertThat(refusal.hint()).isEqualTo("--set batch.tokens_per_step=458752");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "batch.sequence_length=0|batch: sequence_length is 0, not at least 1",
                "batch.micro_batch=-1|batch: micro_batch is -1, not at least 1",
                "optimizer.betas=[0.9]|optimizer: betas is [0.9], not two numbers from 0 to below 1",
                "optimizer.betas=[0.9, 1.0]|optimizer: betas is [0.9, 1.0], not two numbers from 0 to below 1",
                "optimizer.eps=0|optimizer: eps is 0.0, not above 0",
                "optimizer.weight_decay=-1|optimizer: weight_decay is -1.0, not 0 or more",
                "optimizer.grad_clip=-1|optimizer: grad_clip is -1.0, not 0 or more",
                "optimizer.momentum=1|optimizer: momentum is 1.0, not from 0 to below 1",
                "optimizer.adamw_learning_rate=some|optimizer.adamw_learning_rate is some, not a number",
                "optimizer.adamw_learning_rate=1e-3|optimizer: adamw_learning_rate is for what muon leaves to adamw,"
                        + " and kind is adamw",
                "schedule.decay_steps=-1|schedule: decay_steps is -1, not 0 or more",
                "schedule.steps=0|schedule: steps is 0, not at least 1",
                "schedule.warmup_steps=-1|schedule: warmup_steps is -1, not 0 or more",
                "schedule.min_learning_rate=1|schedule: learning_rate is 6.0E-4 and min_learning_rate 1.0; they must"
                        + " be 0 ≤ min ≤ learning_rate",
                "validation.every=-1|validation: every is -1, not 0 (never) or more",
                "validation.batches=-1|validation: batches is -1, not 0 (all) or more",
                "benchmarks.every=-1|benchmarks: every is -1, not 0 (never) or more",
                "benchmarks.limit=-1|benchmarks: limit is -1, not 0 (all) or more",
                "benchmarks.max_seconds=-1|benchmarks: max_seconds is -1.0, not 0 (any) or more",
                "samples.top_k=-1|samples: top_k is -1, not 0 (all) or more",
                "samples.temperature=-1|samples: temperature is -1.0, not 0 (greedy) or more",
                "samples.count=0|samples: count is 0, not at least 1",
                "samples.max_new_tokens=0|samples: max_new_tokens is 0, not at least 1",
                "checkpoint.every=-1|checkpoint: every is -1, not 0 (the last only) or more",
                "checkpoint.keep=0|checkpoint: keep is 0, not at least 1",
                "checkpoint.keep_every=-1|checkpoint: keep_every is -1, not 0 (none) or more",
                "checkpoint.keep_steps=[5, -1]|checkpoint: keep_steps is [5, -1], not a list of steps from 0",
                "checkpoint.keep_steps=[a]|checkpoint.keep_steps is a, not a whole number",
                "samples.max_length=-1|samples: max_length is -1, not 0 (any) or more",
                "benchmarks={convention: nanogpt, tasks: [piqa]}|benchmarks: tasks is [piqa], not [hellaswag], which"
                        + " is all that benchmarks.convention=nanogpt is defined for",
                "loss.z_loss=-1|loss: z_loss is -1.0, not 0 (none) or more",
                "ema.decay=1|ema: decay is 1.0, not 0 (no average) to below 1",
                "ema.every=0|ema: every is 0, not at least 1",
                "guard.skip_nonfinite=-1|guard: skip_nonfinite is -1, not 0 or more",
                "guard.spike_sigma=-1|guard: spike_sigma is -1.0, not 0 (never) or more",
                "optimiser.eps=1|unknown key optimiser",
                "optimizer.epsilon=1|unknown key optimizer.epsilon"
            })
    void refusesWhatCannotBe(String override, String error) {
        var refusal = catchThrowableOfType(
                RequestException.class, () -> ConfigFile.defaults(Recipe.defaults(), List.of(override)));
        assertThat(refusal.error()).isEqualTo("--set " + error);
    }

    @Test
    void allProblemsOfTheScheduleAreToldAtOnceWithHintsThatHold() {
        List<String> settings =
                List.of("schedule.steps=0", "schedule.warmup_steps=-1", "schedule.learning_rate=-1", "optimizer.eps=0");
        var refusal =
                catchThrowableOfType(RequestException.class, () -> ConfigFile.defaults(Recipe.defaults(), settings));
        assertThat(refusal.error().split("\nerror: "))
                .containsExactly(
                        "--set optimizer: eps is 0.0, not above 0",
                        "--set schedule: steps is 0, not at least 1",
                        "--set schedule: warmup_steps is -1, not 0 or more",
                        "--set schedule: learning_rate is -1.0, not 0 or more");
        var schedule = catchThrowableOfType(
                RequestException.class, () -> ConfigFile.defaults(Recipe.defaults(), settings.subList(0, 3)));
        assertThat(schedule.hint())
                .isEqualTo("--set schedule.steps=1000 --set schedule.warmup_steps=0 --set schedule.learning_rate=6e-4");
        List<String> repaired = Arrays.stream(schedule.hint().split(" ?--set "))
                .filter(s -> !s.isEmpty())
                .toList();
        assertThat(ConfigFile.defaults(Recipe.defaults(), repaired).schedule().steps())
                .isEqualTo(1000);
    }

    @Test
    void twoSettingsThatFitTogetherMayBeGivenInAnyOrder() {
        var low = List.of("schedule.learning_rate=1e-5", "schedule.min_learning_rate=1e-6");
        assertThat(ConfigFile.defaults(Recipe.defaults(), low).schedule())
                .isEqualTo(
                        ConfigFile.defaults(Recipe.defaults(), low.reversed()).schedule());
    }

    /** Every value by the path of its key. */
    private static Map<String, Object> leaves(Record config) {
        Map<String, Object> leaves = new TreeMap<>();
        collect("", config, leaves);
        return leaves;
    }

    private static void collect(String path, Record config, Map<String, Object> into) {
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            Object value = value(component, config);
            if (value instanceof Record section) {
                collect(path + component.getName() + ".", section, into);
            } else {
                into.put(path + component.getName(), value instanceof Optional<?> o ? o.isPresent() : value);
            }
        }
    }

    private static Object value(RecordComponent component, Record of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("recipe.yaml"), text);
    }
}
