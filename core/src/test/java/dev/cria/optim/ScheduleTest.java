package dev.cria.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.optim.ScheduleSection.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ScheduleTest {
    private static final double RATE = 6e-4;
    private static final double MINIMUM = 6e-5;

    /** The paper's schedule at every place where its formula changes; the values are from the formula in Python. */
    @ParameterizedTest
    @CsvSource({
        "0, 8.391608391608392e-7",
        "1, 1.6783216783216784e-6",
        "713, 5.991608391608392e-4",
        "714, 6e-4",
        "715, 6e-4",
        "20357, 3.3001079585104034e-4",
        "40000, 6e-5",
        "40001, 6e-5",
        "1000000, 6e-5"
    })
    void cosineIsThePapersAtEveryBoundary(long it, double expected) {
        Schedule schedule = Schedule.of(new ScheduleSection(Kind.COSINE, RATE, MINIMUM, 715, 40_000, 0));
        assertThat(schedule.at(it)).isCloseTo(expected, within(1e-15));
    }

    @Test
    void cosineFollowsItsFormulaBetweenThem() {
        Schedule schedule = Schedule.of(new ScheduleSection(Kind.COSINE, RATE, MINIMUM, 13, 207, 0));
        for (int it = 13; it <= 207; it++) {
            double expected = MINIMUM + 0.5 * (1 + Math.cos(Math.PI * (it - 13) / (207 - 13))) * (RATE - MINIMUM);
            assertThat(schedule.at(it)).isCloseTo(expected, within(1e-15));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 2e-4", "2, 6e-4", "3, 6e-4", "13, 3.3e-4", "23, 6e-5", "24, 6e-5"})
    void linearFallsStraight(long it, double expected) {
        Schedule schedule = Schedule.of(new ScheduleSection(Kind.LINEAR, RATE, MINIMUM, 3, 23, 0));
        assertThat(schedule.at(it)).isCloseTo(expected, within(1e-15));
    }

    @ParameterizedTest
    @CsvSource({"0, 2e-4", "2, 6e-4", "3, 6e-4", "1000, 6e-4"})
    void constantStays(long it, double expected) {
        Schedule schedule = Schedule.of(new ScheduleSection(Kind.CONSTANT, RATE, MINIMUM, 3, 23, 0));
        assertThat(schedule.at(it)).isCloseTo(expected, within(1e-15));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 2e-4",
        "2, 6e-4",
        "3, 6e-4",
        "19, 6e-4",
        "20, 6e-4",
        "21, 5.46e-4",
        "24, 3.84e-4",
        "29, 1.14e-4",
        "30, 6e-5",
        "31, 6e-5"
    })
    void wsdStaysAndFallsInItsLastSteps(long it, double expected) {
        Schedule schedule = Schedule.of(new ScheduleSection(Kind.WSD, RATE, MINIMUM, 3, 30, 10));
        assertThat(schedule.at(it)).isCloseTo(expected, within(1e-15));
    }

    @Test
    void wsdOfAnyLengthBeginsAlike() {
        Schedule shorter = Schedule.of(new ScheduleSection(Kind.WSD, RATE, MINIMUM, 3, 100, 0));
        Schedule longer = Schedule.of(new ScheduleSection(Kind.WSD, RATE, MINIMUM, 3, 1000, 50));
        for (int it = 0; it <= 80; it++) {
            assertThat(shorter.at(it)).isEqualTo(longer.at(it));
        }
        assertThat(shorter.at(81)).isLessThan(RATE);
    }

    /** transformers' get_linear_schedule_with_warmup begins at 0 and ends at 0. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1e-5", "4, 4e-5", "5, 5e-5", "205, 2.468354430379747e-5", "400, 0", "401, 0"})
    void huggingFacesLinearBeginsAndEndsAtZero(long it, double expected) {
        assertThat(new Schedule.HuggingFaceLinear(5e-5, 5, 400).at(it)).isCloseTo(expected, within(1e-18));
    }

    @ParameterizedTest
    @EnumSource
    void withoutWarmUpTheFirstStepHasTheWholeRate(Kind kind) {
        assertThat(Schedule.of(new ScheduleSection(kind, RATE, MINIMUM, 0, 10, 0))
                        .at(0))
                .isEqualTo(RATE);
    }

    @ParameterizedTest
    @EnumSource
    void aWarmUpAsLongAsTheTrainingNeverFalls(Kind kind) {
        Schedule schedule = Schedule.of(new ScheduleSection(kind, RATE, MINIMUM, 10, 10, 0));
        for (int it = 0; it < 10; it++) {
            assertThat(schedule.at(it)).isCloseTo(RATE * (it + 1) / 10, within(1e-15));
        }
    }
}
