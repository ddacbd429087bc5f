package dev.cria.api;

import dev.cria.Progress;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.FilterChain;
import dev.cria.data.prepare.BadRows;
import dev.cria.data.prepare.Prepare;
import dev.cria.data.prepare.PrepareRequest;
import dev.cria.data.source.Reading;
import dev.cria.data.source.Sources;
import dev.cria.data.source.Texts;
import dev.cria.format.hub.Hub;
import dev.cria.tensor.Threads;
import dev.cria.tokenizer.BpeTrainer;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Texts as a {@link Trainer} reads them: a tokenizer and shards of its tokens. The command line has more choices. */
public final class Corpus {
    private static final long SHARD_TOKENS = 100_000_000;

    private Corpus() {}

    /**
     * Learns a byte-level BPE from texts.
     *
     * @param inputs text files, JSON Lines, Parquet, or directories of these
     * @param vocabulary 256 bytes, the merges, and {@code <|endoftext|>} as the last id
     * @param out the directory for tokenizer.json
     */
    public static void learnTokenizer(List<Path> inputs, int vocabulary, Path out) {
        try (Stream<String> texts = Texts.of(sources(inputs))) {
            Tokenizers.save(BpeTrainer.train(texts, vocabulary, Progress.silent()), out);
        }
    }

    /**
     * Writes the tokens of texts as shards, a part of them for validation.
     *
     * @param inputs text files, of which each is a document, JSON Lines, Parquet, or directories of these
     * @param tokenizer a directory that holds tokenizer.json, or {@code gpt2}
     * @param out the directory for the shards, for the key {@code data.path}
     * @return how many tokens there are
     */
    public static long prepare(List<Path> inputs, String tokenizer, Path out) {
        Tokenizer known = Tokenizers.named(tokenizer);
        var request = new PrepareRequest(
                sources(inputs),
                out,
                known,
                tokenizer,
                "shard",
                SHARD_TOKENS,
                FilterChain.NONE,
                Dedup.NONE,
                Dedup.Scope.GLOBAL,
                Threads.ofThisProcess().count(),
                OptionalLong.empty(),
                BadRows.REFUSE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return Prepare.run(request, Progress.silent()).tokens();
    }

    private static Sources sources(List<Path> inputs) {
        return Sources.find(
                inputs.stream().map(Path::toString).toList(), Reading.of("text"), Hub.ofEnvironment(Progress.silent()));
    }
}
