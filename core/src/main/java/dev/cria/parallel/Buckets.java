package dev.cria.parallel;

import java.util.ArrayList;
import java.util.List;

/**
 * A cut of the flat gradient memory into pieces that are summed over the ranks one by one, the last piece of the memory
 * first, because the backward reaches the end of the model first.
 */
record Buckets(List<Bucket> inOrder) {

    /**
     * Neighbouring parameters.
     *
     * @param first the first of them
     * @param count how many they are
     * @param start their first element
     * @param length their elements, padding included
     */
    record Bucket(int first, int count, long start, long length) {}

    /**
     * Cuts parameters into buckets of at least {@code least} elements, but for the last one.
     *
     * @param starts each parameter's first element, ascending from 0
     * @param total elements of all parameters
     */
    static Buckets cut(long[] starts, long total, long least) {
        List<Bucket> buckets = new ArrayList<>();
        int end = starts.length;
        long endElement = total;
        for (int i = starts.length - 1; i >= 0; i--) {
            long length = endElement - starts[i];
            if (length >= least || i == 0) {
                buckets.add(new Bucket(i, end - i, starts[i], length));
                end = i;
                endElement = starts[i];
            }
        }
        return new Buckets(List.copyOf(buckets));
    }
}
