package dev.cria.parallel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The pipe from the launcher to each of its ranks: it carries nothing, and breaks when the launcher is killed, which
 * ends the ranks. A rank that went on alone would hold the run's lock and its GPU, and nobody would know.
 */
final class Lifeline {
    private static final int FAILED = 1;

    private Lifeline() {}

    /** Ends this process when its launcher is gone. */
    static void holdOn() {
        Thread.ofPlatform().daemon().name("lifeline").start(() -> waitForEnd(System.in));
    }

    private static void waitForEnd(InputStream pipe) {
        try {
            pipe.transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // A broken pipe says the same as a closed one.
        }
        Runtime.getRuntime().halt(FAILED);
    }
}
