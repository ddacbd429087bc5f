package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.tensor.Threads;
import picocli.CommandLine.Option;

/** The option that every command that computes shares; use it as a picocli mixin. */
final class ThreadOption {
    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that compute on the CPU (default: one a core).")
    private void choose(int threads) {
        if (threads < 1) {
            throw new RequestException("--threads is " + threads + ", not at least 1", "--threads 1");
        }
        Threads.ofThisProcess().choose(threads);
    }
}
