package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.parallel.Buckets.Bucket;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;

/** A bucket of gradients cut into what is sent at once, ordered by the rank that it goes to. */
final class OwnedPieces {
    private static final long MOST_RECEIVED = 100L << 20;

    private OwnedPieces() {}

    /**
     * A stretch of a parameter's elements.
     *
     * @param parameter its place in the list
     * @param owner the rank that moves it
     */
    record Stretch(int parameter, int owner, long start, long length) {}

    /** What is sent at once, those of rank 0 first. */
    record Piece(List<Stretch> stretches) {
        Piece {
            stretches = stretches.stream()
                    .sorted(Comparator.comparingInt(Stretch::owner))
                    .toList();
        }

        /** Elements that go to each rank. */
        long[] counts(int ranks) {
            long[] counts = new long[ranks];
            stretches.forEach(s -> counts[s.owner()] += s.length());
            return counts;
        }

        /** Copies the gradients one behind the other. */
        void pack(List<Parameter> parameters, Tensor outgoing) {
            long at = 0;
            for (Stretch s : stretches) {
                copy(parameters.get(s.parameter()).gradient().orElseThrow(), s, outgoing, at, Way.OUT);
                at += s.length();
            }
        }

        /** Copies what came for a rank to where its parameters have it. */
        void unpack(Tensor incoming, int rank, IntFunction<Tensor> target) {
            long at = 0;
            for (Stretch s : stretches) {
                if (s.owner() == rank) {
                    copy(target.apply(s.parameter()), s, incoming, at, Way.IN);
                    at += s.length();
                }
            }
        }

        private enum Way {
            OUT,
            IN
        }

        private static void copy(Tensor gradient, Stretch stretch, Tensor packed, long at, Way way) {
            try (Tensor flat = gradient.view(gradient.elements());
                    Tensor there = flat.rows(stretch.start(), stretch.length());
                    Tensor here = packed.rows(at, stretch.length())) {
                if (way == Way.OUT) {
                    here.copyFrom(there);
                } else {
                    there.copyFrom(here);
                }
            }
        }
    }

    /** Bytes of a piece: what one rank receives of it from all others is bounded, however large a parameter is. */
    static long mostBytes(int ranks) {
        return Math.min(BucketProgress.MOST_BYTES, MOST_RECEIVED / ranks);
    }

    /**
     * Cuts a bucket.
     *
     * @param most elements of a piece
     */
    static List<Piece> of(Bucket bucket, List<Parameter> parameters, int[] owners, long most) {
        List<Piece> pieces = new ArrayList<>();
        List<Stretch> next = new ArrayList<>();
        long filled = 0;
        for (int i = bucket.first(); i < bucket.first() + bucket.count(); i++) {
            long elements = parameters.get(i).elements();
            for (long at = 0; at < elements; ) {
                long length = Math.min(most - filled, elements - at);
                next.add(new Stretch(i, owners[i], at, length));
                at += length;
                filled += length;
                if (filled == most) {
                    pieces.add(new Piece(next));
                    next.clear();
                    filled = 0;
                }
            }
        }
        if (!next.isEmpty()) {
            pieces.add(new Piece(next));
        }
        return List.copyOf(pieces);
    }
}
