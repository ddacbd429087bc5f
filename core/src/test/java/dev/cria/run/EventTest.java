package dev.cria.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class EventTest {
    private static List<Event> timeline(String... lines) {
        return Event.timeline(Stream.of(lines)
                .map(JsonMapper.shared()::readTree)
                .map(Event::of)
                .toList());
    }

    @Test
    void forkForgetsWhatItsParentDidLater() {
        List<Event> events = timeline(
                "{\"event\": \"started\", \"step\": 0, \"from\": \"\", \"optimizer_state\": false, \"ranks\": 2}",
                "{\"event\": \"checkpoint\", \"step\": 100}",
                "{\"event\": \"spike\", \"step\": 140}",
                "{\"event\": \"finished\", \"step\": 200}",
                "{\"event\": \"resumed\", \"step\": 100, \"from\": \"a\", \"optimizer_state\": false, \"ranks\": 1}");
        assertThat(events.stream().map(e -> e.name() + " " + e.step()))
                .containsExactly("started 0", "checkpoint 100", "resumed 100");
        var resumed = (Event.Resumed) events.getLast();
        assertThat(resumed.optimizerState()).isEqualTo(Event.OptimizerState.WITHOUT);
        assertThat(resumed.checkpoint()).hasValue("a");
        assertThat(events.getFirst().begun().orElseThrow().ranks()).isEqualTo(2);
    }

    @Test
    void finishedRunThatIsResumedForMoreStepsHasNotEndedYet() {
        assertThat(timeline(
                        "{\"event\": \"finished\", \"step\": 200}",
                        "{\"event\": \"resumed\", \"step\": 200, \"optimizer_state\": true}"))
                .extracting(Event::name)
                .containsExactly("resumed");
    }

    @Test
    void pauseOfACheckpointIsNoCheckpoint() {
        assertThat(timeline("{\"event\": \"checkpoint_pause\", \"step\": 1}", "{\"event\": \"checkpoint_failed\"}"))
                .noneMatch(Event.Checkpoint.class::isInstance);
    }
}
