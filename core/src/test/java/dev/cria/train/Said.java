package dev.cria.train;

import dev.cria.Progress;
import java.util.ArrayList;
import java.util.List;

/** Remembers every line that is said. */
final class Said implements Progress {
    private final List<String> lines = new ArrayList<>();

    List<String> lines() {
        return lines;
    }

    @Override
    public synchronized void say(String line) {
        lines.add(line);
    }

    @Override
    public Task begin(String name, String unit, long total) {
        return Progress.silent().begin(name, unit, total);
    }
}
