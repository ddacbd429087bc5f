package dev.cria.demo;

import dev.cria.Progress;
import dev.cria.RequestException;
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
import dev.cria.parallel.Ranks;
import dev.cria.primer.Primer;
import dev.cria.primer.PrimerOptions;
import dev.cria.report.Report;
import dev.cria.tokenizer.BpeTrainer;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.Interruption;
import dev.cria.train.Pretraining;
import dev.cria.train.Trainer.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The paper on a laptop, stage by stage, each through the classes behind the command of the same name. */
public final class Demo {
    private final Path out;
    private final DemoSize size;
    private final long seed;
    private final Progress progress;
    private final Interruption interruption;

    /** How much is done. */
    public enum Length {
        QUICK,
        FULL
    }

    public Demo(Path out, Length length, long seed, Progress progress, Interruption interruption) {
        this.out = out;
        this.size = length == Length.QUICK ? DemoSize.quick() : DemoSize.full();
        this.seed = seed;
        this.progress = progress;
        this.interruption = interruption;
    }

    /**
     * Runs all stages.
     *
     * @return what the closing page says, or nothing if somebody interrupted
     */
    public Optional<ClosingPage> run() {
        requireFree();
        long begun = System.nanoTime();
        stage(1, "Primer: a corpus from WordNet's definitions");
        Primer.write(primer(), new PrimerOptions(size.corpus(), seed), progress);
        stage(2, "tokenizer: byte-pair merges learned from it");
        Tokenizer tokenizer = trainTokenizer();
        stage(3, "prepare: junk and duplicates out, tokens into shards");
        prepare(tokenizer);
        stage(4, "pretrain: a LLaMA from random weights");
        if (pretrain() == Outcome.INTERRUPTED) {
            return Optional.empty();
        }
        stage(5, "baselines: what counting alone would reach");
        Baselines baselines = Baselines.measure(runDirectory(), tokenizer, size);
        baselines.write(runDirectory());
        stage(6, "report");
        Path page = Report.write(List.of(runDirectory()), out.resolve("report"));
        return Optional.of(new ClosingPage(out, runDirectory(), page, baselines, (System.nanoTime() - begun) / 1e9));
    }

    private void requireFree() {
        if (Files.exists(runDirectory())) {
            throw new RequestException(
                    out + " holds a demo already",
                    "look at " + out.resolve("report").resolve("index.html") + ", or choose another --out");
        }
    }

    private void stage(int number, String words) {
        progress.say("── " + number + "/6  " + words);
    }

    private Path primer() {
        return out.resolve("primer");
    }

    private Path runDirectory() {
        return out.resolve("pretrain");
    }

    private Tokenizer trainTokenizer() {
        Sources sources = documents();
        Tokenizer tokenizer;
        try (Stream<String> texts = Texts.of(sources)) {
            tokenizer = BpeTrainer.train(texts, size.vocabulary(), progress);
        }
        Tokenizers.save(tokenizer, directory(out.resolve("tokenizer")));
        return tokenizer;
    }

    private Sources documents() {
        return Sources.of(primer().resolve("documents"), "text");
    }

    private void prepare(Tokenizer tokenizer) {
        var request = new PrepareRequest(
                documents(),
                out.resolve("data"),
                tokenizer,
                out.resolve("tokenizer").toString(),
                "primer",
                100_000_000,
                FilterFile.named("fineweb"),
                Dedup.MINHASH,
                Dedup.Scope.GLOBAL,
                Runtime.getRuntime().availableProcessors(),
                OptionalLong.of(seed),
                BadRows.REFUSE,
                Optional.empty(),
                Optional.of(out.resolve("data-report")),
                Optional.empty());
        Prepare.run(request, progress);
        try (Shards shards = Shards.open(out.resolve("data"))) {
            progress.say(shards.tokens(Split.TRAIN) + " tokens to train on, " + shards.tokens(Split.VALIDATION)
                    + " to validate on");
        }
    }

    private Outcome pretrain() {
        var recipe = DemoRecipe.of(size, out, seed);
        try (Ranks ranks = Ranks.solo()) {
            return new Pretraining(progress, ranks, interruption).start(recipe, Optional.empty());
        }
    }

    private static Path directory(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }
}
