package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.data.Batch;
import dev.cria.format.ConfigFile;
import dev.cria.model.ModelConfig;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.optim.AdamW;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Memory;
import dev.cria.tensor.Scope;
import dev.cria.weights.Models;
import java.lang.foreign.Arena;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryPlanTest {
    private static final List<String> LLAMA = List.of(
            "model.hidden_size=96",
            "model.intermediate_size=208",
            "model.num_hidden_layers=5",
            "model.num_attention_heads=6",
            "model.num_key_value_heads=2",
            "model.vocab_size=300");
    private static final List<String> GPT2 = List.of(
            "model.model_type=gpt2",
            "model.n_embd=96",
            "model.n_layer=5",
            "model.n_head=6",
            "model.vocab_size=300",
            "model.n_positions=80");

    @ParameterizedTest
    @CsvSource({
        "llama, none, fp32",
        "llama, none, int8",
        "llama, blocks, fp32",
        "gpt2, none, fp32",
        "gpt2, blocks, int8"
    })
    void planIsWhatAStepAllocatesAndALittleMore(String model, String recompute, String state) {
        Recipe recipe = recipe(model.equals("llama") ? LLAMA : GPT2, recompute, state);
        ModelConfig config = Presets.resolve(recipe.model(), recipe.batch().sequenceLength());
        MemoryPlan plan = MemoryPlan.of(config, recipe, Device.CPU);

        long measured = peakOfAStep(config, recipe);

        assertThat(plan.total()).isBetween(measured * 96 / 100, measured * 125 / 100);
    }

    @ParameterizedTest
    @CsvSource({"llama", "gpt2"})
    void recomputingBlocksTakesLessThanKeepingThem(String model) {
        Recipe recipe = recipe(model.equals("llama") ? LLAMA : GPT2, "none", "fp32");
        ModelConfig config = Presets.resolve(recipe.model(), recipe.batch().sequenceLength());
        MemoryPlan plan = MemoryPlan.of(config, recipe, Device.CPU);

        assertThat(plan.activationsRecomputed()).isLessThan(plan.activationsKept() / 2);
    }

    @Test
    void ranksOfOneMachineShareItsMemory() {
        Recipe recipe = recipe(LLAMA, "none", "fp32");
        ModelConfig config = Presets.resolve(recipe.model(), recipe.batch().sequenceLength());
        MemoryPlan plan = MemoryPlan.of(config, recipe, Device.CPU);

        plan.requireFit(recipe, Device.CPU, 1);
        assertThatThrownBy(() -> plan.requireFit(recipe, Device.CPU, 1_000_000))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(" of memory on each of 1000000 ranks and this machine has ");
    }

    /** Both with an eighth of the device left over for what no plan knows. */
    @ParameterizedTest
    @CsvSource({"dmas-1.7b, 2, 48, 1024, 32", "llama-7b, 8, 80, 2048, 4"})
    void aLargeModelFitsOnSeveralGpusThatShareIt(String preset, int ranks, long gigabytes, int seq, int rows) {
        for (String shard : List.of("optimizer", "gradients")) {
            Recipe recipe = ConfigFile.defaults(
                    Recipe.defaults(),
                    List.of(
                            "model.preset=" + preset,
                            "precision.compute=bf16",
                            "precision.recompute=blocks",
                            "batch.sequence_length=" + seq,
                            "batch.micro_batch=" + rows,
                            "parallel.shard=" + shard));
            ModelConfig config = Presets.resolve(recipe.model(), seq);
            long room = gigabytes * 1_000_000_000L * 7 / 8;

            assertThat(MemoryPlan.of(config, recipe, Device.cuda(0), ranks).total())
                    .as(shard)
                    .isLessThan(room);
        }
    }

    @Test
    void sevenBillionFitOnNoGpuThatHasAllOfThem() {
        Recipe recipe = ConfigFile.defaults(
                Recipe.defaults(),
                List.of("model.preset=llama-7b", "precision.compute=bf16", "precision.recompute=blocks"));
        ModelConfig config = Presets.resolve(recipe.model(), 1024);

        assertThat(MemoryPlan.of(config, recipe, Device.cuda(0), 8).total()).isGreaterThan(80_000_000_000L);
    }

    /** Of 4 ranks each has a quarter of moments and masters, where no parameter is larger than that. */
    @Test
    void mastersAndMomentsFallWithTheRanks() {
        List<String> keys = new ArrayList<>(LLAMA);
        keys.addAll(List.of(
                "batch.sequence_length=80",
                "batch.micro_batch=7",
                "batch.tokens_per_step=2240",
                "precision.compute=bf16",
                "ema.decay=0.9",
                "parallel.shard=optimizer"));
        Recipe recipe = ConfigFile.defaults(Recipe.defaults(), keys);
        ModelConfig config = Presets.resolve(recipe.model(), 80);
        MemoryPlan one = MemoryPlan.of(config, recipe, Device.CPU, 1);
        MemoryPlan four = MemoryPlan.of(config, recipe, Device.CPU, 4);

        assertThat((double) bytes(four, "moments") / bytes(one, "moments")).isBetween(0.25, 0.28);
        assertThat((double) bytes(four, "weights") / bytes(one, "weights")).isBetween(0.25, 0.28);
        assertThat((double) bytes(four, "average") / bytes(one, "average")).isBetween(0.25, 0.28);
        assertThat(bytes(four, "gradients")).isEqualTo(bytes(one, "gradients"));
        assertThat(four.checkpoint()).isEqualTo(one.checkpoint());
        assertThat((double) four.snapshot() / one.snapshot()).isBetween(0.25, 0.28);
    }

    private static long bytes(MemoryPlan plan, String part) {
        return plan.parts().stream()
                .filter(p -> p.name().equals(part))
                .mapToLong(MemoryPlan.Part::bytes)
                .sum();
    }

    private static Recipe recipe(List<String> model, String recompute, String state) {
        List<String> overrides = new ArrayList<>(model);
        overrides.addAll(List.of(
                "batch.sequence_length=80",
                "batch.micro_batch=7",
                "batch.tokens_per_step=560",
                "precision.compute=fp32",
                "precision.recompute=" + recompute,
                "optimizer.state=" + state));
        return ConfigFile.defaults(Recipe.defaults(), overrides);
    }

    /** The most bytes in tensors around any kernel of a step, above those before the model was made. */
    private static long peakOfAStep(ModelConfig config, Recipe recipe) {
        Memory memory = Memory.of(Device.CPU);
        long before = memory.liveBytes();
        var peak = new AtomicLong();
        Kernels real = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
        Kernels watched = (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (_, method, arguments) -> {
                    peak.accumulateAndGet(memory.liveBytes() - before, Math::max);
                    return method.invoke(real, arguments);
                });
        var storage = Storage.training(DType.FLOAT32, DType.FLOAT32);
        var mode = recipe.precision().recompute() == Recipe.Recompute.NONE
                ? Tape.Mode.TRAINING
                : Tape.Mode.TRAINING_RECOMPUTING_BLOCKS;
        try (var model = Models.create(config, Device.CPU, storage, 1);
                var optimizer = new AdamW(watched, model.parameters(), recipe.optimizer());
                var arena = Arena.ofConfined();
                var tape = new Tape(watched, mode)) {
            var batch = Batch.allocate(
                    arena, recipe.batch().microBatch(), recipe.batch().sequenceLength());
            try (var scope = new Scope()) {
                LanguageModelling.loss(tape, scope, model, batch, 1, 0);
                tape.backward();
            }
            optimizer.step(1e-3, 1);
        }
        return peak.get();
    }
}
