package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.tensor.library.Collectives.Pending;
import java.util.ArrayDeque;
import java.util.Deque;

/** Brings what the operations read up to date on all ranks, after each rank has moved the parameters that it owns. */
public final class OwnedValues {
    /** Enough that the network never waits; each may have a copy in the host's memory. */
    private static final int MOST_UNDER_WAY = 8;

    private final Parameters parameters;
    private final Ranks ranks;
    private final int[] owners;

    public OwnedValues(Parameters parameters, Ranks ranks) {
        this.parameters = parameters;
        this.ranks = ranks;
        this.owners = parameters
                .storage()
                .sharing()
                .owners(parameters.list().stream().map(Parameter::spec).toList());
    }

    /** Returns when every rank has all values; at once where each rank moves all. */
    public void exchange() {
        if (!parameters.storage().sharing().isShared()) {
            return;
        }
        Deque<Pending> underWay = new ArrayDeque<>();
        for (int i = 0; i < owners.length; i++) {
            if (underWay.size() == MOST_UNDER_WAY) {
                underWay.removeFirst().await();
            }
            underWay.addLast(ranks.beginBroadcast(parameters.list().get(i).value(), owners[i]));
        }
        underWay.forEach(Pending::await);
    }
}
