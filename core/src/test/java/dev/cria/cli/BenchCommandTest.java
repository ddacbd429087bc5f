package dev.cria.cli;

import static dev.cria.cli.CommandRun.refuses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Isolated("captures the standard streams")
class BenchCommandTest {

    private static Object[] tiny(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("bench", "--quiet", "--device", "cpu"));
        for (String setting : List.of(
                "model.num_hidden_layers=1",
                "model.vocab_size=300",
                "model.hidden_size=32",
                "model.intermediate_size=48",
                "batch.sequence_length=16",
                "batch.micro_batch=2",
                "batch.tokens_per_step=32")) {
            arguments.add("--set");
            arguments.add(setting);
        }
        arguments.addAll(List.of(more));
        return arguments.toArray();
    }

    @Test
    @Tag("slow")
    void jsonKeepsTheContractsKeysAndHasRooflineProductsAndScaling(@TempDir Path dir) {
        Path json = dir.resolve("speed.json");
        String text = CommandRun.output(tiny("--scaling=layers", "--json", json));

        assertThat(text).contains("where the time goes", "matrix products, GFLOP/s", "along layers");
        JsonNode result = JsonMapper.shared().readTree(json);
        assertThat(result.at("/gemm_gflops/fp32").asDouble()).isPositive();
        assertThat(result.at("/gemm_gflops/bf16").asDouble()).isPositive();
        for (String key : List.of("tokens_per_s", "step_ms", "mfu")) {
            assertThat(result.at("/" + key).asDouble()).as(key).isPositive();
            assertThat(result.at("/median/" + key).asDouble()).as(key).isPositive();
        }
        assertThat(result.at("/parts/matrix_products").asDouble()).isPositive();
        assertThat(result.at("/roofline/operations/optimizer/bound_by").asString())
                .isEqualTo("memory");
        assertThat(result.at("/products")).isNotEmpty();
        assertThat(result.at("/memory/far/gb_per_s").asDouble()).isPositive();
        assertThat(result.at("/scaling/layers")).hasSize(5);
    }

    @Test
    @Tag("slow")
    void stepAloneHasTheKeysOfTheWholeReport(@TempDir Path dir) {
        Path json = dir.resolve("speed.json");
        String text = CommandRun.output(tiny("--step-only", "--json", json));

        assertThat(text).contains("steps of 32 tokens").hasLineCount(1);
        JsonNode result = JsonMapper.shared().readTree(json);
        double best = result.at("/tokens_per_s").asDouble();
        assertThat(best)
                .isGreaterThanOrEqualTo(result.at("/median/tokens_per_s").asDouble());
        assertThat(best * result.at("/step_ms").asDouble() / 1e3).isCloseTo(32, within(1e-6));
        assertThat(result.at("/flops_per_token").asDouble()).isPositive();
        assertThat(result.at("/gemm_gflops").isMissingNode()).isTrue();
    }

    @Test
    void refusesStepsOfOtherSizesWhereOneIsAskedFor() {
        refuses("--step-only measures steps of one size", tiny("--step-only", "--scaling"));
    }

    @Test
    void refusesWhatIsNoAxisOfScaling() {
        refuses("--scaling is width, not one of sequence_length, micro_batch, layers", "bench", "--scaling=width");
    }
}
