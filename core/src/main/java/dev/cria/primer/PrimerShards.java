package dev.cria.primer;

import dev.cria.Progress;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.FilterFile;
import dev.cria.data.prepare.BadRows;
import dev.cria.data.prepare.Prepare;
import dev.cria.data.prepare.PrepareRequest;
import dev.cria.data.source.Sources;
import dev.cria.data.source.Texts;
import dev.cria.format.AtomicFiles;
import dev.cria.tensor.Threads;
import dev.cria.tokenizer.BpeTrainer;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Primer on its way to tokens: the corpus, a tokenizer learned from it, and shards without junk and duplicates. The three
 * steps are called in this order, and hand on what they made in files alone.
 *
 * @param corpus where {@link Primer} writes
 * @param tokenizer the directory of the tokenizer
 * @param shards the directory of the token shards
 * @param vocabulary ids of the tokenizer
 * @param shardTokens of a shard, the first of which is for validation
 */
public record PrimerShards(
        Path corpus, Path tokenizer, Path shards, PrimerOptions options, int vocabulary, long shardTokens) {

    public void writeCorpus(Progress progress) {
        Primer.write(corpus, options, progress);
    }

    public void trainTokenizer(Progress progress) {
        Tokenizer learned;
        try (Stream<String> texts = Texts.of(documents())) {
            learned = BpeTrainer.train(texts, vocabulary, progress);
        }
        Tokenizers.save(learned, directory(tokenizer));
    }

    /** @param dataReport where a page about what was left out goes, if one is wanted */
    public void writeShards(Optional<Path> dataReport, Progress progress) {
        var request = new PrepareRequest(
                documents(),
                shards,
                Tokenizers.load(tokenizer),
                tokenizer.toString(),
                "primer",
                shardTokens,
                FilterFile.named("fineweb"),
                Dedup.MINHASH,
                Dedup.Scope.GLOBAL,
                Threads.ofThisProcess().count(),
                OptionalLong.of(options.seed()),
                BadRows.REFUSE,
                Optional.empty(),
                dataReport,
                Optional.empty());
        Prepare.run(request, progress);
        try (Shards written = Shards.open(shards)) {
            progress.say(written.tokens(Split.TRAIN) + " tokens to train on, " + written.tokens(Split.VALIDATION)
                    + " to validate on");
        }
    }

    private Sources documents() {
        return Sources.of(corpus.resolve("documents"), "text");
    }

    private static Path directory(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }
}
