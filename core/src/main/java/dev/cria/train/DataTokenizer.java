package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.data.ShardManifest;
import dev.cria.tokenizer.Tokenizer;
import java.nio.file.Path;

/** Token shards belong to the tokenizer that made them: its fingerprint is in their manifest. */
public final class DataTokenizer {
    private DataTokenizer() {}

    /**
     * Refuses shards of another tokenizer; shards without a manifest don't tell.
     *
     * @param name of the tokenizer, as the user gave it
     * @param option that names another one, with its value to be added
     */
    public static void require(Path shards, Tokenizer tokenizer, String name, String option) {
        ShardManifest.read(shards).map(ShardManifest::tokenizer).ifPresent(made -> {
            if (!made.fingerprint().equals(tokenizer.fingerprint())) {
                throw new RequestException(
                        "%s was prepared with the tokenizer %s of %d ids, and the tokenizer here is %s with %d"
                                .formatted(
                                        shards, made.name(), made.vocabularySize(), name, tokenizer.vocabularySize()),
                        option + made.name() + ", or ./cria prepare FILE --tokenizer " + name + " --out NEW_DIR");
            }
        });
    }
}
