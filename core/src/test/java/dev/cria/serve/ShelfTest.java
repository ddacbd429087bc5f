package dev.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.WorkException;
import dev.cria.generate.BatchLimits;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.serve.Catalogue.Served;
import dev.cria.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class ShelfTest {
    private final List<String> opened = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path folder;

    private Shelf shelf(int most, Opened.Opener opener) {
        List<Served> models = List.of("a", "b", "c").stream()
                .map(name -> new Served(
                        name,
                        SmallDirectories.write(
                                SmallDirectories.llama(new RopeScaling.None(), false),
                                folder.resolve(name),
                                DType.FLOAT32)))
                .toList();
        return new Shelf(Catalogue.of(models, Map.of()), opener, most, _ -> new BatchLimits(1, 1, 256, 256));
    }

    private Opened open(Path model) {
        opened.add(String.valueOf(model.getFileName()));
        return ServerTest.open(model, Optional.empty());
    }

    @Test
    void theOneThatWasNotAskedForTheLongestIsLetGo() {
        try (Shelf shelf = shelf(2, (model, _) -> open(model))) {
            for (String id : List.of("a", "b", "a", "c", "a", "b")) {
                shelf.lease(id).close();
            }
            assertThat(opened).containsExactly("a", "b", "c", "b");
            assertThat(shelf.count()).isEqualTo(2);
        }
    }

    @Test
    void moreModelsThanFitAreNotAskedAtOnce() {
        try (Shelf shelf = shelf(2, (model, _) -> open(model))) {
            try (var _ = shelf.lease("a");
                    var _ = shelf.lease("b");
                    var _ = shelf.lease("a")) {
                assertThatThrownBy(() -> shelf.lease("c"))
                        .isInstanceOfSatisfying(
                                ApiError.class, e -> assertThat(e.status()).isEqualTo(503));
            }
            shelf.lease("c").close();
        }
    }

    @Test
    void whileOneLoadsAnotherAnswers() throws InterruptedException {
        var loading = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        Shelf shelf = shelf(3, (model, _) -> {
            if (model.endsWith("b")) {
                loading.countDown();
                await(goOn);
            }
            return open(model);
        });
        try (shelf) {
            Thread slow = Thread.ofVirtual().start(() -> shelf.lease("b").close());
            loading.await();
            shelf.lease("a").close();
            assertThat(shelf.count()).isEqualTo(1);
            goOn.countDown();
            slow.join();
            assertThat(opened).containsExactly("a", "b");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aModelThatCannotBeReadTakesNoPlace() {
        Shelf shelf = shelf(1, (model, _) -> {
            if (model.endsWith("b")) {
                throw new WorkException("b cannot be read", "", new IllegalStateException());
            }
            return open(model);
        });
        try (shelf) {
            assertThatThrownBy(() -> shelf.lease("b")).isInstanceOf(WorkException.class);
            assertThat(shelf.count()).isZero();
            shelf.lease("a").close();
        }
    }
}
