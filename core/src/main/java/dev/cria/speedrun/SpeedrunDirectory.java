package dev.cria.speedrun;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/** What may lie in a speedrun's directory. */
final class SpeedrunDirectory {
    private static final Set<String> OWN = Set.of(
            "primer",
            "tokenizer",
            "data",
            "tuning",
            "seeds",
            "peers",
            "figures",
            "tables",
            "speedrun.json",
            "speedrun.md",
            "index.html");

    private SpeedrunDirectory() {}

    /** Refuses a directory that holds something else; the sweeps in it refuse those of another speedrun. */
    static void requireFit(Path out) {
        if (!Files.exists(out)) {
            return;
        }
        if (!Files.isDirectory(out)) {
            throw new RequestException(out + " is a file", "choose another --out");
        }
        try (Stream<Path> inside = Files.list(out)) {
            inside.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !OWN.contains(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new RequestException(
                                out + " is there already and holds " + name + ", which is of no speedrun",
                                "choose another --out: a speedrun overwrites nothing");
                    });
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(out, e);
        }
    }
}
