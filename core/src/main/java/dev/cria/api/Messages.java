package dev.cria.api;

import dev.cria.Progress;
import java.util.function.Consumer;

/** Lines go to a program's own taker; how far work has come is told by other callbacks. */
record Messages(Consumer<String> taker) implements Progress {
    static Progress to(Consumer<String> taker) {
        return new Messages(taker);
    }

    @Override
    public Task begin(String name, String unit, long total) {
        return Progress.silent().begin(name, unit, total);
    }

    @Override
    public void say(String line) {
        taker.accept(line);
    }
}
