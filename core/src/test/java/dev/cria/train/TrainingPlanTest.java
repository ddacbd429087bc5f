package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {

    @Test
    void papersModelTakesAsManyOperationsAndParametersAsThePaperSays() {
        TrainingPlan plan = plan("model.preset=dmas-1.7b", "model.vocab_size=50257");

        assertThat(plan.flopsPerToken() / 1e9).isBetween(10.575, 10.585);
        assertThat(Math.round(plan.config().parameterCount() / 1e6)).isEqualTo(1716);
        assertThat(text(plan, 1e12)).contains("1716.0M parameters").contains("10.58 GFLOP a token");
    }

    @Test
    void stepsTimesTokensAStepAreTheTokensOfTheTraining() {
        TrainingPlan plan = plan("model.preset=dmas-1.7b");

        assertThat(plan.tokens()).isEqualTo(40_000L * 524_288);
        // 40,000 · 524,288 tokens / 20,000 a second = 291.3 hours; 20e9 / 20,000 = 277.8 hours.
        assertThat(text(plan, 1e12)).contains("12.1 days for this training").contains("11.6 days for 20B tokens");
    }

    @Test
    void saysWhatToChangeWhereMemoryIsShort() {
        TrainingPlan plan = plan("model.preset=dmas-1.7b");

        assertThat(text(plan, 1e12)).contains("fits: 1000.0 GB are free");
        assertThat(text(plan, 60e9)).contains("does not fit: 60.0 GB are free; --set precision.recompute=blocks, or");
        assertThat(text(plan, 10e9)).contains("--set optimizer.state=int8 --set precision.gradients=bf16");
    }

    @Test
    void tellsWhatOneOfSeveralRanksNeeds() {
        String text = text(plan("model.preset=nano", "batch.sequence_length=256", "batch.micro_batch=8"), 1e12);

        assertThat(text.lines().filter(line -> line.contains("shard=")).map(String::strip))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).matches("shard=\\w+( +[\\d.]+ MB){4}"));
    }

    @Test
    void ranksThatCannotBeAreLeftOut() {
        String text = text(
                plan(
                        "model.preset=nano",
                        "batch.sequence_length=256",
                        "batch.micro_batch=8",
                        "batch.tokens_per_step=6144"),
                1e12);

        assertThat(text.lines().filter(line -> line.contains("shard=none")).map(String::strip))
                .allSatisfy(line -> assertThat(line).matches("shard=none +[\\d.]+ MB( +-){3}"));
    }

    @Test
    void refusesRowsLongerThanTheModelsPositions() {
        assertThatThrownBy(() -> plan("model.preset=nano", "batch.sequence_length=512"))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("batch.sequence_length is 512 and the model has 256 positions");
    }

    @Test
    void durationsAreInTheUnitThatPeopleWouldUse() {
        assertThat(TrainingPlan.duration(90)).isEqualTo("1.5 minutes");
        assertThat(TrainingPlan.duration(36_000)).isEqualTo("10.0 hours");
        assertThat(TrainingPlan.duration(10 * 86_400.0)).isEqualTo("10.0 days");
        assertThat(TrainingPlan.duration(365.25 * 86_400 * 17)).isEqualTo("17.0 years");
    }

    private static TrainingPlan plan(String... overrides) {
        Recipe cpu = ConfigFile.defaults(Recipe.defaults(), List.of("device=cpu", "precision.compute=bf16"));
        return TrainingPlan.of(ConfigFile.defaults(cpu, List.of(overrides)));
    }

    private static String text(TrainingPlan plan, double room) {
        return plan.toText(TrainingPlan.stated(20_000), room, 300_000_000);
    }
}
