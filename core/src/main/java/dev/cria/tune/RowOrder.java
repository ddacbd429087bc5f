package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.data.KeyedPermutation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which row stands at which place of an endless sequence. A round has as many places as there are rows: each row once,
 * or, where files have weights, of each file its share, its own rows again from the first where they are too few. Within
 * a round places come in the files' order or in a permutation of the round's own. A place is a number, so a resumed run
 * continues where it was.
 *
 * @param rows of each file
 * @param shares places of a round that each file has; all rows together
 */
record RowOrder(List<Integer> rows, List<Integer> shares, boolean shuffled, long seed) {

    /**
     * An order.
     *
     * @param rows of each file
     * @param weights of each file, relative to one another; none to have each row once a round
     */
    static RowOrder of(List<Integer> rows, List<Double> weights, boolean shuffled, long seed) {
        return new RowOrder(rows, weights.isEmpty() ? rows : shares(rows, weights), shuffled, seed);
    }

    /** Whole places by the largest remainders, and one for each file at least. */
    private static List<Integer> shares(List<Integer> rows, List<Double> weights) {
        if (rows.contains(0)) {
            throw new RequestException(
                    "file " + (rows.indexOf(0) + 1) + " of data.files has a weight, and no row of it is left",
                    "remove the file with its weight, or raise data.max_length");
        }
        int places = sum(rows);
        double all = weights.stream().mapToDouble(Double::doubleValue).sum();
        double[] exact = weights.stream().mapToDouble(w -> places * w / all).toArray();
        List<Integer> shares = new ArrayList<>();
        for (double share : exact) {
            shares.add(Math.max(1, (int) share));
        }
        while (sum(shares) != places) {
            int missing = Integer.signum(places - sum(shares));
            int nearest = IntStream.range(0, exact.length)
                    .filter(i -> missing > 0 || shares.get(i) > 1)
                    .boxed()
                    .max(Comparator.comparingDouble(i -> missing * (exact[i] - shares.get(i))))
                    .orElseThrow();
            shares.set(nearest, shares.get(nearest) + missing);
        }
        return List.copyOf(shares);
    }

    private static int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).sum();
    }

    /** Places of a round. */
    int round() {
        return sum(shares);
    }

    /** The row at a place, counted over all files. */
    int at(long place) {
        long round = place / round();
        long within = permuted(round, round(), place % round(), seed);
        int file = 0;
        int before = 0;
        while (within >= shares.get(file)) {
            within -= shares.get(file);
            before += rows.get(file++);
        }
        if (shares.equals(rows)) {
            return before + (int) within;
        }
        // The file's own rows go round on their own, by a key that no round of places has.
        long own = round * shares.get(file) + within;
        int count = rows.get(file);
        return before + (int) permuted(own / count, count, own % count, seed + 1 + file);
    }

    private long permuted(long round, int length, long index, long key) {
        return shuffled ? new KeyedPermutation(key, round, length).apply(index) : index;
    }
}
