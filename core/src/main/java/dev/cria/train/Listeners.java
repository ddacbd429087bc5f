package dev.cria.train;

import java.util.List;

/** The listeners of a training, closed together where they need it. */
record Listeners(List<Listener> all) implements AutoCloseable {

    @Override
    public void close() {
        all.forEach(Listener::close);
    }
}
