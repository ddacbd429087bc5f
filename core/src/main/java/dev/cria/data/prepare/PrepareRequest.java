package dev.cria.data.prepare;

import dev.cria.RequestException;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.FilterChain;
import dev.cria.data.source.Sources;
import dev.cria.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What to prepare and how.
 *
 * @param sources the input, in the order in which its documents count
 * @param out the directory for the shards
 * @param tokenizer must have an end-of-text id, which begins each document
 * @param tokenizerName as the user named it, for the manifest
 * @param prefix begins the shards' names
 * @param shardTokens most tokens in a shard
 * @param filters what stays, before duplicates are looked for
 * @param workers threads that read, filter and tokenise; has no influence on the bytes written
 * @param shuffleSeed shuffles the documents where it is there
 * @param contamination what to look for of the benchmarks
 * @param report where to write the report: a page, and its figures as JSON beside it
 * @param decisions where to write a JSON line for each document
 */
public record PrepareRequest(
        Sources sources,
        Path out,
        Tokenizer tokenizer,
        String tokenizerName,
        String prefix,
        long shardTokens,
        FilterChain filters,
        Dedup dedup,
        Dedup.Scope scope,
        int workers,
        OptionalLong shuffleSeed,
        BadRows badRows,
        Optional<Contamination> contamination,
        Optional<Path> report,
        Optional<Path> decisions) {
    private static final String PREFIX_RULE = "[A-Za-z0-9][A-Za-z0-9._-]*";

    public PrepareRequest {
        if (!prefix.matches(PREFIX_RULE)) {
            throw new RequestException(
                    "--prefix is '" + prefix + "', and shards' names begin with a letter or digit",
                    "use letters, digits, points, hyphens and underscores");
        }
        if (shardTokens < 2) {
            throw new RequestException("--shard-tokens is " + shardTokens, "--shard-tokens 100000000");
        }
        if (workers < 1) {
            throw new RequestException("--workers is " + workers, "--workers 1");
        }
        if (tokenizer.endOfText().isEmpty()) {
            throw new RequestException(
                    "the tokenizer " + tokenizerName + " has no end-of-text token, which begins each document",
                    "./cria tokenizer train makes tokenizers that have one");
        }
    }

    /** The part of it that looks at one document at a time. */
    Curation curation() {
        return new Curation(filters, dedup, scope, badRows, contamination, tokenizer);
    }
}
