package dev.cria;

import java.util.ArrayList;
import java.util.List;

/** Remembers every line that is said. */
public final class Said implements Progress {
    private final List<String> lines = new ArrayList<>();

    public List<String> lines() {
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
