package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.parallel.Buckets.Bucket;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BucketsTest {

    @Test
    void theEndOfTheModelGoesFirst() {
        long[] starts = {0, 100, 110, 120, 200};
        assertThat(Buckets.cut(starts, 300, 90).inOrder())
                .containsExactly(new Bucket(4, 1, 200, 100), new Bucket(2, 2, 110, 90), new Bucket(0, 2, 0, 110));
    }

    @Test
    void whatIsLeftAtTheBeginningIsABucketOfItsOwn() {
        assertThat(Buckets.cut(new long[] {0, 5}, 105, 100).inOrder())
                .containsExactly(new Bucket(1, 1, 5, 100), new Bucket(0, 1, 0, 5));
    }

    @Test
    void bucketsCoverEachElementAndParameterOnceFromTheEnd() {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            List<Integer> sizes =
                    random.ints(random.nextInt(1, 41), 1, 208).boxed().toList();
            checkCover(sizes, random.nextLong(1, 501));
        }
    }

    private static void checkCover(List<Integer> sizes, long least) {
        long[] starts = new long[sizes.size()];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = starts[i - 1] + sizes.get(i - 1);
        }
        long end = sizes.stream().mapToLong(Integer::longValue).sum();
        int endParameter = sizes.size();
        for (Bucket bucket : Buckets.cut(starts, end, least).inOrder()) {
            assertThat(bucket.start() + bucket.length()).isEqualTo(end);
            assertThat(bucket.first() + bucket.count()).isEqualTo(endParameter);
            assertThat(bucket.start()).isEqualTo(starts[bucket.first()]);
            assertThat(bucket.length() >= least || bucket.first() == 0).isTrue();
            end = bucket.start();
            endParameter = bucket.first();
        }
        assertThat(end).isZero();
        assertThat(endParameter).isZero();
    }
}
