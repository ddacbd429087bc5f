package dev.cria.data.source;

import dev.cria.Progress;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads whole sources in tests. */
final class Rows {
    private Rows() {}

    static List<Row> of(Path... files) {
        List<Row> rows = new ArrayList<>();
        try (Blocks blocks = blocks(files)) {
            while (blocks.hasNext()) {
                blocks.next().reader().read(rows::add);
            }
        }
        return rows;
    }

    static Blocks blocks(Path... files) {
        return sources(files).blocks();
    }

    static Sources sources(Path... files) {
        Hub hub = new Hub(HubSettings.of(Map.of("HF_HUB_OFFLINE", "1"), Path.of("none")), Progress.silent());
        return Sources.find(Arrays.stream(files).map(Path::toString).toList(), Reading.of("text"), hub);
    }
}
