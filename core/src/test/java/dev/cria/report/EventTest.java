package dev.cria.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class EventTest {
    private static List<Event> timeline(String... lines) {
        return Event.timeline(
                Stream.of(lines).map(JsonMapper.shared()::readTree).toList());
    }

    @Test
    void forkForgetsWhatItsParentDidLater() {
        List<Event> events = timeline(
                "{\"event\": \"started\", \"step\": 0, \"from\": \"\", \"optimizer_state\": false, \"ranks\": 2}",
                "{\"event\": \"checkpoint\", \"step\": 100}",
                "{\"event\": \"spike\", \"step\": 140}",
                "{\"event\": \"finished\", \"step\": 200}",
                "{\"event\": \"resumed\", \"step\": 100, \"from\": \"a\", \"optimizer_state\": false, \"ranks\": 1}");
        assertThat(events.stream().map(e -> e.kind() + " " + e.step()))
                .containsExactly("STARTED 0", "CHECKPOINT 100", "RESUMED 100");
        assertThat(events.getLast().optimizerState()).isEqualTo(Event.OptimizerState.WITHOUT);
        assertThat(events.getLast().from()).hasValue("a");
        assertThat(events.getFirst().from()).isEmpty();
        assertThat(events.getLast().ranks()).hasValue(1);
    }

    @Test
    void finishedRunThatIsResumedForMoreStepsHasNotEndedYet() {
        assertThat(timeline(
                        "{\"event\": \"finished\", \"step\": 200}",
                        "{\"event\": \"resumed\", \"step\": 200, \"optimizer_state\": true}"))
                .extracting(Event::kind)
                .containsExactly(Event.Kind.RESUMED);
    }

    @Test
    void pauseOfACheckpointIsNoCheckpoint() {
        assertThat(timeline("{\"event\": \"checkpoint_pause\", \"step\": 1}", "{\"event\": \"checkpoint_failed\"}"))
                .extracting(Event::kind)
                .containsExactly(Event.Kind.OTHER, Event.Kind.OTHER);
    }
}
