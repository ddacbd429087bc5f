package dev.cria.nn;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which of several ranks moves each parameter and keeps what only the optimizer needs of it. Parameters are owned whole:
 * the largest first, each by the rank that has least, so that no two ranks differ by more than the largest parameter.
 *
 * @param rank that this process is, from 0
 * @param ranks how many share the parameters
 */
public record Sharing(Shard shard, int rank, int ranks) {
    /** One process, or several that each have all. */
    public static final Sharing NONE = new Sharing(Shard.NONE, 0, 1);

    /** The sharing of so many ranks; of one there is none. */
    public static Sharing of(Shard shard, int rank, int ranks) {
        return shard == Shard.NONE || ranks == 1 ? NONE : new Sharing(shard, rank, ranks);
    }

    public boolean isShared() {
        return shard != Shard.NONE;
    }

    /** The rank that moves each parameter, in their order; this one where nothing is shared. */
    public int[] owners(List<ParameterSpec> specs) {
        int[] owners = new int[specs.size()];
        long[] loads = new long[ranks];
        IntStream.range(0, owners.length)
                .boxed()
                .sorted(Comparator.comparingLong(i -> -specs.get(i).elements()))
                .forEach(i -> {
                    int least = IntStream.range(0, ranks)
                            .boxed()
                            .min(Comparator.comparingLong(r -> loads[r]))
                            .orElseThrow();
                    owners[i] = least;
                    loads[least] += specs.get(i).elements();
                });
        return owners;
    }
}
