package dev.cria.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.measure.Roofline.Part;
import dev.cria.measure.StepTrial.Phase;
import dev.cria.measure.StepTrial.Watched;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Memory;
import dev.cria.tensor.Product;
import dev.cria.tensor.Product.Form;
import dev.cria.tensor.Work;
import dev.cria.train.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The work of a whole step of a tiny model, against figures worked out by hand. */
class StepTrialTest {
    private static final Phase TWICE = new Phase(2, 2, 0);

    /** 2 layers of width 32 with 4 heads on 2 of 8, feed-forward 48, vocabulary 80; 16 rows = 2 × 8. */
    private static Recipe tiny(String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "model.hidden_size=32",
                "model.intermediate_size=48",
                "model.num_hidden_layers=2",
                "model.num_attention_heads=4",
                "model.num_key_value_heads=2",
                "model.vocab_size=80",
                "batch.sequence_length=8",
                "batch.micro_batch=2",
                "batch.tokens_per_step=16",
                "precision.compute=fp32",
                "device=cpu"));
        settings.addAll(List.of(more));
        return ConfigFile.defaults(Recipe.defaults(), settings);
    }

    private static Watched watch(Recipe recipe) {
        try (var trial = new StepTrial(recipe, Device.CPU, Kernels.of(Device.CPU, recipe.kernels()))) {
            return trial.watch(TWICE);
        }
    }

    private static double operations(Map<String, Part> parts, String kind) {
        return parts.get(kind).work().operations();
    }

    @Test
    void operationsOfAStepAreThoseWorkedOutByHand() {
        Map<String, Part> parts = watch(tiny()).parts();

        // Weights of a layer: 64·32 + 32·32 + 96·32 + 32·48 = 7,680; each takes 2 operations a row in 3 products.
        assertThat(operations(parts, "matrix_products")).isEqualTo(6 * 16 * 2 * 7680);
        // 36 pairs a head; 7 products of 2·8 operations a pair, in 2 layers, 2 rows, 4 heads.
        assertThat(operations(parts, "attention")).isEqualTo(7 * 16 * 36 * 2 * 2 * 4);
        assertThat(operations(parts, "head_and_loss")).isEqualTo(6 * 16 * 80 * 32 + 5 * 16 * 80);
        // Forward 4, backward 9 for each number of 5 norms.
        assertThat(operations(parts, "norms")).isEqualTo(13 * 16 * 32 * 5);
        // Queries and keys, 32 + 16 wide, forward and backward.
        assertThat(operations(parts, "rotary_positions")).isEqualTo(3 * 16 * 48 * 2 * 2);
        assertThat(operations(parts, "activation")).isEqualTo((5 + 11) * 16 * 48 * 2);
        assertThat(operations(parts, "embedding")).isEqualTo(16 * 32);
        // 20,640 weights move; their gradients lie padded to multiples of 64.
        assertThat(operations(parts, "optimizer")).isEqualTo(15 * 20_640 + 2 * 20_800);
        assertThat(parts.get("other").work()).isEqualTo(Work.NONE);
    }

    @Test
    void bytesOfAStepAreThoseWorkedOutByHand() {
        Map<String, Part> parts = watch(tiny()).parts();

        // Numbers of the four layers' inputs, weights and outputs in a block.
        double inputs = 16 * (32 + 32 + 32 + 48);
        double weights = 7680;
        double outputs = 16 * (64 + 32 + 96 + 32);
        double forward = inputs + weights + outputs;
        double inputGradient = outputs + weights + inputs;
        double weightGradient = outputs + inputs + weights;
        assertThat(parts.get("matrix_products").work().bytes())
                .isEqualTo(2 * 4 * (forward + inputGradient + weightGradient));
        // gate, up and y; dy, gate, up, dgate and dup.
        assertThat(parts.get("activation").work().bytes()).isEqualTo(2 * 4 * 8 * 16 * 48);
        assertThat(parts.get("optimizer").work().bytes()).isEqualTo(28 * 20_640 + 4 * 20_800);
        // x and w twice, dx, dw; logits of 16 · 80 five times; targets and losses.
        assertThat(parts.get("head_and_loss").work().bytes())
                .isEqualTo(4 * (3 * 512 + 3 * 2560 + 5 * 1280 + 16) + 8 * 16);
    }

    @Test
    void productsOfAStepAreThoseOfItsLayersAndOfTheHead() {
        var products = watch(tiny()).products();

        assertThat(products).hasSize(5 * 3);
        for (Form form : Form.values()) {
            assertThat(products)
                    .containsKeys(
                            new Product(form, 16, 32, 64),
                            new Product(form, 16, 32, 32),
                            new Product(form, 16, 32, 96),
                            new Product(form, 16, 48, 32),
                            new Product(form, 16, 32, 80));
        }
    }

    @Test
    void microBatchesCountAsOftenAsTheStepHasThemAndTheOptimizerOnce() {
        Map<String, Part> one = watch(tiny()).parts();
        Map<String, Part> three = watch(tiny("batch.tokens_per_step=48")).parts();

        assertThat(operations(three, "matrix_products")).isEqualTo(3 * operations(one, "matrix_products"));
        assertThat(operations(three, "optimizer")).isEqualTo(operations(one, "optimizer"));
    }

    @Test
    void partsAddUpToTheStep() {
        Watched watched = watch(tiny());
        double parts =
                watched.parts().values().stream().mapToDouble(Part::seconds).sum();

        assertThat(parts).isCloseTo(watched.seconds(), within(1e-9));
    }

    @Test
    void closingGivesAllMemoryBack() {
        long before = Memory.of(Device.CPU).liveBytes();
        watch(tiny());

        assertThat(Memory.of(Device.CPU).liveBytes()).isEqualTo(before);
        assertThat(Memory.of(Device.CPU).freeBytes()).isZero();
    }

    @Test
    void refusesRowsLongerThanTheModelHasPositions() {
        Recipe recipe = tiny("model.max_position_embeddings=4");
        assertThatThrownBy(() -> watch(recipe))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("batch.sequence_length is 8 and the model has 4 positions");
    }
}
