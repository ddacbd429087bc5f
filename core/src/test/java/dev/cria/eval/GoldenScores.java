package dev.cria.eval;

import dev.cria.model.Oracles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Rows of the seven benchmarks with lm-eval's requests and scores: our own rows, and those of the larger set where there
 * is one.
 *
 * @param rows where the benchmarks' rows lie
 */
record GoldenScores(Path model, Path rows, Path requests, Path results, Path nanogpt, Path nanogptResults) {

    static Stream<GoldenScores> all() {
        return Oracles.folders("lm_eval")
                .flatMap(folder -> Stream.of(
                        of(folder, "edge_", folder.resolve("edge_docs")),
                        of(folder, "", folder.resolve("../../data/benchmarks"))))
                .filter(golden -> Files.exists(golden.requests()));
    }

    /** Those with build-nanogpt's HellaSwag. */
    static Stream<GoldenScores> allWithNanogpt() {
        return all().filter(golden -> Files.exists(golden.nanogpt()));
    }

    private static GoldenScores of(Path folder, String prefix, Path rows) {
        Path nanogpt = folder.resolve(prefix + (prefix.isEmpty() ? "nanogpt_hellaswag.jsonl" : "nanogpt.jsonl"));
        return new GoldenScores(
                folder.resolve("model"),
                rows,
                folder.resolve(prefix + "requests.jsonl"),
                folder.resolve(prefix + "results.json"),
                nanogpt,
                folder.resolve(prefix + "nanogpt_results.json"));
    }
}
