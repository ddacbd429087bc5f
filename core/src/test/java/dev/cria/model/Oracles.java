package dev.cria.model;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Where golden numbers of reference programs lie, for the tests that use them; they are skipped where there are none. */
public final class Oracles {

    private Oracles() {}

    public static Path folder(String name) {
        Path folder = Path.of(System.getenv().getOrDefault("CRIA_ORACLES", "../../shared/oracle"), name);
        Assumptions.assumeTrue(Files.isDirectory(folder), () -> "no oracle data at " + folder);
        return folder;
    }
}
