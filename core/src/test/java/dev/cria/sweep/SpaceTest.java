package dev.cria.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SpaceTest {
    private static Space space(String... vary) {
        return new Space(Stream.of(vary).map(Varied::parse).toList());
    }

    private static List<String> names(List<Trial> trials) {
        return trials.stream().map(Trial::name).toList();
    }

    @Test
    void theFirstKeyOfAGridChangesSlowest() {
        List<Trial> grid = space("optimizer.kind=adamw,muon", "schedule.learning_rate=6e-4,1.2e-3")
                .grid();
        assertThat(names(grid))
                .containsExactly(
                        "kind=adamw,learning_rate=6e-4",
                        "kind=adamw,learning_rate=1.2e-3",
                        "kind=muon,learning_rate=6e-4",
                        "kind=muon,learning_rate=1.2e-3");
        assertThat(grid.getLast().overrides()).containsExactly("optimizer.kind=muon", "schedule.learning_rate=1.2e-3");
    }

    @Test
    void namesAreWhatEveryFileSystemTakesAndDiffer() {
        assertThat(names(space("data.path=a/b,a-b,A-B").grid()))
                .containsExactly("path=a-b", "path=a-b-2", "path=A-B-3");
        assertThat(names(space("validation.every=1,2", "samples.every=3").grid()))
                .containsExactly("validation.every=1,samples.every=3", "validation.every=2,samples.every=3");
    }

    @Test
    void drawsAreDifferentAndTheSameForTheSameSeed() {
        Space space = space("optimizer.kind=adamw,muon", "schedule.learning_rate=1e-4..1e-2");
        List<Trial> drawn = space.random(12, 5);
        assertThat(drawn).hasSize(12).doesNotHaveDuplicates().isEqualTo(space.random(12, 5));
        assertThat(space.random(12, 6)).isNotEqualTo(drawn);
        Space lists = space("seed=1,2,3", "optimizer.kind=adamw,muon");
        assertThat(names(lists.random(6, 5))).containsExactlyInAnyOrderElementsOf(names(lists.grid()));
    }

    @Test
    void whatCannotBeDrawnOrNamedIsRefused() {
        assertThatThrownBy(() -> space("seed=1..9").grid()).hasMessageContaining("a grid needs its values one by one");
        assertThatThrownBy(() -> space("seed=1,2").random(3, 1)).hasMessageContaining("more than the 2 trials");
        assertThatThrownBy(() -> space("seed=1..3").random(4, 1)).hasMessageContaining("more than there are different");
        assertThatThrownBy(() -> space("seed=1,1").grid()).hasMessageContaining("a value twice");
        assertThatThrownBy(() -> space("seed=1", "seed=2")).hasMessageContaining("--vary has seed twice");
        assertThatThrownBy(() -> space("out=a,b")).hasMessageContaining("its own directory");
        assertThatThrownBy(() -> space()).hasMessageContaining("nothing is varied");
        assertThatThrownBy(() -> space("seed=1,2").random(0, 1)).hasMessageContaining("0 trials are asked for");
    }
}
