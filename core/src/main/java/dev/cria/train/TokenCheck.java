package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.data.Shard;
import dev.cria.data.Shards;
import dev.cria.data.Split;

/** Looks through the beginning of every shard for tokens that the model doesn't have, before a run is begun. */
final class TokenCheck {
    /** Enough to catch shards of another tokenizer; reading goes on checking every token of every window. */
    private static final long TOKENS_PER_SHARD = 100_000;

    private TokenCheck() {}

    static void check(Shards shards, int vocabulary) {
        for (Split split : Split.values()) {
            for (Shard shard : shards.of(split)) {
                check(shard, vocabulary);
            }
        }
    }

    private static void check(Shard shard, int vocabulary) {
        long length = Math.min(shard.length(), TOKENS_PER_SHARD);
        for (long i = 0; i < length; i++) {
            int token = shard.tokens().tokenAt(i);
            if (Integer.compareUnsigned(token, vocabulary) >= 0) {
                throw new RequestException(
                        "%s holds token %d at place %d, and the model's vocab_size is %d"
                                .formatted(shard.file(), Integer.toUnsignedLong(token), i, vocabulary),
                        "prepare the data with the model's tokenizer, or --set model.vocab_size=...");
            }
        }
    }
}
