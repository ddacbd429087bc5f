package dev.cria.parallel;

import dev.cria.Redaction;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a rank other than the first says on standard error, each line with the rank's number before it. Why it ends is
 * held back: mostly the first rank knows it too and has said it.
 */
final class RankErrors {
    /** Java's own remark, which the first rank has made already. */
    private static final String INCUBATOR = "WARNING: Using incubator modules";

    private final String prefix;
    private final PrintStream errors;
    private final List<String> held = new ArrayList<>();
    private final Thread reader;

    private RankErrors(int rank, InputStream stream, PrintStream errors) {
        this.prefix = "rank " + rank + ": ";
        this.errors = errors;
        this.reader =
                Thread.ofPlatform().daemon().name("errors-of-rank-" + rank).unstarted(() -> pass(stream));
    }

    static RankErrors read(int rank, InputStream stream, PrintStream errors) {
        RankErrors made = new RankErrors(rank, stream, errors);
        made.reader.start();
        return made;
    }

    private void pass(InputStream stream) {
        try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("error: ") || line.startsWith("hint: ")) {
                    held.add(prefix + line);
                } else if (!line.startsWith(INCUBATOR)) {
                    errors.println(prefix + Redaction.line(line));
                }
            }
        } catch (IOException _) {
            // The process has ended; what it said before is told.
        }
    }

    /** Tells what was held back. */
    void printHeld() {
        finish();
        held.forEach(errors::println);
    }

    /** Returns when the rank, which has ended, has nothing more to say. */
    void finish() {
        try {
            reader.join(1000);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
