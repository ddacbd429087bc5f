package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.eval.BatchPlan.Batch;
import dev.cria.eval.BatchPlan.Row;
import dev.cria.eval.BatchPlan.Slice;
import dev.cria.eval.BatchPlan.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class BatchPlanTest {
    private static final int POSITIONS = 64;

    @Test
    void equalInputsAreComputedOnce() {
        // As BoolQ's " no" and " yes": only the last token differs, and the model never sees it.
        List<Request> requests = List.of(
                new Request(ids(1, 2, 3), ids(7)), new Request(ids(1, 2, 3), ids(8)), new Request(ids(4), ids(5)));

        BatchPlan plan = BatchPlan.of(requests, POSITIONS, 1000);

        assertThat(plan.tokens()).isEqualTo(2 * 3);
        assertThat(plan.batches()).hasSize(1);
        assertThat(plan.batches()
                        .getFirst()
                        .slices()
                        .getFirst()
                        .rows()
                        .getFirst()
                        .input()
                        .targets())
                .containsExactly(new Target(0, 2, 7), new Target(1, 2, 8));
    }

    @Test
    void aSharedContextIsComputedOnceButForItsLastToken() {
        int[] context = IntStream.range(0, 30).toArray();
        List<Request> requests = List.of(
                new Request(context, ids(100, 101, 102)),
                new Request(context, ids(200, 201, 202)),
                new Request(context, ids(100, 103, 104)));

        Batch batch = BatchPlan.of(requests, POSITIONS, 1000).batches().getFirst();

        assertThat(batch.shared()).isEqualTo(29);
        assertThat(batch.beginnings()).containsExactly(Arrays.copyOf(context, 29));
        assertThat(batch.tokens()).isEqualTo(29 + 3 * 3);
    }

    @Test
    void aFewTokensInCommonAreNotWorthASecondForward() {
        List<Request> requests = List.of(new Request(ids(1, 2, 3, 4), ids(5)), new Request(ids(1, 2, 3, 9), ids(5)));

        assertThat(BatchPlan.of(requests, POSITIONS, 1000).batches().getFirst().shared())
                .isZero();
    }

    @Test
    void requestsCutAtDifferentPlacesShareNothing() {
        int[] context = IntStream.range(0, 80).toArray();
        List<Request> requests = List.of(new Request(context, ids(1, 2)), new Request(context, ids(1, 2, 3)));

        Batch batch = BatchPlan.of(requests, POSITIONS, 1000).batches().getFirst();

        assertThat(batch.shared()).isZero();
        assertThat(batch.slices().getFirst().rows()).allMatch(row -> row.input().length() == POSITIONS);
    }

    /** Of a thousand questions with four choices each, as long as HellaSwag's. */
    @Test
    void littleOfALargePlanIsWasted() {
        SplittableRandom random = new SplittableRandom(4);
        List<Request> requests = new ArrayList<>();
        long shared = 0;
        for (int question = 0; question < 1000; question++) {
            int[] context = random.ints(10 + random.nextInt(90), 0, 50_000).toArray();
            shared += context.length;
            for (int choice = 0; choice < 4; choice++) {
                int[] ending = random.ints(5 + random.nextInt(40), 0, 50_000).toArray();
                requests.add(new Request(context, ending));
                shared += ending.length;
            }
        }
        long alone =
                requests.stream().mapToLong(request -> request.length() - 1).sum();

        long planned = BatchPlan.of(requests, 1024, 8192).tokens();

        assertThat(planned).isLessThan((long) (1.1 * shared)).isLessThan((long) (0.55 * alone));
    }

    @Property
    void everyTargetIsAskedOnceOfTheRightTokens(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int count,
            @ForAll @IntRange(min = 1, max = 300) int budget) {
        List<Request> requests = requests(seed, count);
        List<List<Target>> asked = new ArrayList<>();
        requests.forEach(_ -> asked.add(new ArrayList<>()));

        for (Batch batch : BatchPlan.of(requests, POSITIONS, budget).batches()) {
            for (Slice slice : batch.slices()) {
                assertThat(slice.rows().size() == 1 || slice.rows().size() * slice.width() <= budget)
                        .isTrue();
                for (Row row : slice.rows()) {
                    int[] input = row.input().ids();
                    if (batch.shared() > 0) {
                        assertThat(Arrays.copyOf(input, batch.shared()))
                                .isEqualTo(batch.beginnings().get(row.beginning()));
                    }
                    for (Target target : row.input().targets()) {
                        assertThat(input)
                                .isEqualTo(requests.get(target.request()).input(POSITIONS));
                        assertThat(target.position()).isBetween(batch.shared(), input.length - 1);
                        asked.get(target.request()).add(target);
                    }
                }
            }
        }

        for (int i = 0; i < count; i++) {
            int[] targets = requests.get(i).targets(POSITIONS);
            int end = requests.get(i).input(POSITIONS).length;
            int request = i;
            assertThat(asked.get(i))
                    .containsExactlyElementsOf(IntStream.range(0, targets.length)
                            .mapToObj(t -> new Target(request, end - targets.length + t, targets[t]))
                            .toList());
        }
    }

    /** Questions whose choices share a context or only a part of it, some too long, some twice the same. */
    private static List<Request> requests(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Request> requests = new ArrayList<>();
        while (requests.size() < count) {
            int[] context = random.ints(1 + random.nextInt(80), 0, 3).toArray();
            for (int choice = random.nextInt(5); choice >= 0 && requests.size() < count; choice--) {
                int[] own = context.clone();
                own[own.length - 1] += random.nextInt(2);
                requests.add(new Request(
                        own, random.ints(1 + random.nextInt(12), 0, 3).toArray()));
            }
        }
        return requests;
    }

    private static int[] ids(int... ids) {
        return ids;
    }
}
