package dev.cria;

import dev.cria.RequestException.Problem;
import java.util.ArrayList;
import java.util.List;

/** Gathers all that is wrong with a request, so that it is refused once, for all of it. */
public final class Problems {
    private final List<Problem> found = new ArrayList<>();

    /** Notes a problem unless a condition holds. */
    public Problems unless(boolean holds, String error, String hint) {
        if (!holds) {
            found.add(new Problem(error, hint));
        }
        return this;
    }

    public void add(String error, String hint) {
        found.add(new Problem(error, hint));
    }

    public void addAll(List<Problem> more) {
        found.addAll(more);
    }

    /** @throws RequestException if anything was noted */
    public void refuse() {
        if (!found.isEmpty()) {
            throw new RequestException(found);
        }
    }
}
