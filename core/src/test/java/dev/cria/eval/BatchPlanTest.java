package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.eval.BatchPlan.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BatchPlanTest {
    private static final int POSITIONS = 64;

    @Test
    void equalInputsAreComputedOnce() {
        // As BoolQ's " no" and " yes": only the last token differs, and the model never sees it.
        List<Request> requests = List.of(
                new Request(ids(1, 2, 3), ids(7)), new Request(ids(1, 2, 3), ids(8)), new Request(ids(4), ids(5)));

        TokenTree batch = BatchPlan.of(requests, POSITIONS, 1000).batches().getFirst();

        assertThat(batch.ids()).containsExactly(1, 2, 3, 4);
        assertThat(batch.positions()).containsExactly(0, 1, 2, 0);
        assertThat(batch.members()).isDeepEqualTo(new int[][] {{0, 1, 2}, {3, 0, 0}});
        assertThat(batch.targets()).containsExactly(new Target(0, 2, 7), new Target(1, 2, 8), new Target(2, 3, 5));
        assertThat(batch.requests()).isEqualTo(3);
    }

    @Test
    void whateverIsSharedIsComputedOnce() {
        int[] context = IntStream.range(0, 30).toArray();
        List<Request> requests = List.of(
                new Request(context, ids(100, 101, 102)),
                new Request(context, ids(200, 201, 202)),
                new Request(context, ids(100, 103, 104)));

        BatchPlan plan = BatchPlan.of(requests, POSITIONS, 1000);

        assertThat(plan.batches()).hasSize(1);
        assertThat(plan.batches().getFirst().ids())
                .endsWith(28, 29, 100, 101, 103, 200, 201)
                .hasSize(35);
    }

    @Test
    void requestsCutAtDifferentPlacesShareNothing() {
        int[] context = IntStream.range(0, 80).toArray();
        List<Request> requests = List.of(new Request(context, ids(1, 2)), new Request(context, ids(1, 2, 3)));

        assertThat(BatchPlan.of(requests, POSITIONS, 1000).tokens()).isEqualTo(2 * POSITIONS);
    }

    @Test
    void aLongRowIsNotPutBesideManyShortOnesThatBeginLikeIt() {
        List<Request> requests = new ArrayList<>();
        int[] long64 = IntStream.range(0, 64).toArray();
        requests.add(new Request(long64, ids(1)));
        for (int i = 0; i < 300; i++) {
            requests.add(new Request(Arrays.copyOf(long64, 9), ids(1000 + i, 1)));
        }

        assertThat(BatchPlan.of(requests, POSITIONS, 1000).batches())
                .allMatch(batch -> (long) batch.width() * batch.members().length <= 4000);
    }

    /** Of a thousand questions with four choices each, as long as HellaSwag's. */
    @Test
    void nothingOfALargePlanIsWasted() {
        SplittableRandom random = new SplittableRandom(4);
        List<Request> requests = new ArrayList<>();
        long distinct = 0;
        for (int question = 0; question < 1000; question++) {
            int[] context = random.ints(10 + random.nextInt(90), 0, 50_000).toArray();
            distinct += context.length;
            for (int choice = 0; choice < 4; choice++) {
                int[] ending = random.ints(5 + random.nextInt(40), 0, 50_000).toArray();
                requests.add(new Request(context, ending));
                distinct += ending.length - 1;
            }
        }

        BatchPlan plan = BatchPlan.of(requests, 1024, 2048);

        assertThat(plan.tokens()).isBetween(distinct - 50, distinct);
        assertThat(plan.batches()).hasSizeBetween((int) (distinct / 2048), (int) (1.1 * distinct / 2048));
    }

    @Test
    void everyTargetIsAskedOnceOfTheRightTokens() {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            checkTargets(random.nextLong(), random.nextInt(1, 41), random.nextInt(1, 301));
        }
    }

    private static void checkTargets(long seed, int count, int budget) {
        List<Request> requests = requests(seed, count);
        List<List<Integer>> asked = new ArrayList<>();
        requests.forEach(_ -> asked.add(new ArrayList<>()));

        for (TokenTree batch : BatchPlan.of(requests, POSITIONS, budget).batches()) {
            assertThat(batch.members().length == 1 || batch.ids().length <= budget)
                    .isTrue();
            int[] flat =
                    Arrays.stream(batch.members()).flatMapToInt(Arrays::stream).toArray();
            for (int token = 0; token < batch.ids().length; token++) {
                assertThat(flat[batch.places()[token]]).isEqualTo(token);
                assertThat(batch.places()[token] % batch.width()).isEqualTo(batch.positions()[token]);
            }
            for (Target target : batch.targets()) {
                int[] input = requests.get(target.request()).input(POSITIONS);
                assertThat(seenBy(batch, target.position())).isSubsetOf(prefixes(input));
                asked.get(target.request()).add(target.token());
            }
        }

        for (int i = 0; i < count; i++) {
            assertThat(asked.get(i))
                    .containsExactlyElementsOf(Arrays.stream(requests.get(i).targets(POSITIONS))
                            .boxed()
                            .toList());
        }
    }

    /** The ids up to a token, in every row that it stands in. */
    private static List<List<Integer>> seenBy(TokenTree batch, int token) {
        int position = batch.positions()[token];
        return Arrays.stream(batch.members())
                .filter(row -> row[position] == token)
                .map(row -> Arrays.stream(row, 0, position + 1)
                        .mapToObj(member -> batch.ids()[member])
                        .toList())
                .distinct()
                .toList();
    }

    private static List<List<Integer>> prefixes(int[] input) {
        List<Integer> ids = Arrays.stream(input).boxed().toList();
        return IntStream.rangeClosed(1, ids.size())
                .mapToObj(end -> ids.subList(0, end))
                .toList();
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
