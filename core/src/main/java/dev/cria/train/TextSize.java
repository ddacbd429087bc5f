package dev.cria.train;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.source.Sources;
import dev.cria.data.source.Texts;
import dev.cria.tokenizer.BpeTrainer;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * How much text there is, in bytes and in the tokens of a vocabulary that suits so much.
 *
 * @param bytes of the texts in UTF-8
 * @param counted whether all of it was read; else it follows from the size of the files
 * @param vocabulary how many tokens to learn from it, or that of GPT-2's tokenizer, which so much text needs not learn
 * @param bytesPerToken on the beginning of the text
 */
public record TextSize(long bytes, boolean counted, int vocabulary, double bytesPerToken) {
    /** Read to its end up to here; beyond, files' sizes say it well enough. */
    private static final long MOST_READ = 32_000_000;

    /** What a vocabulary is tried on. */
    private static final long SAMPLE = 4_000_000;

    private static final int GPT2_VOCABULARY = 50_257;

    private static final int FEWEST_BYTES = 2_000;

    /** Text in UTF-8 that a byte of a compressed file stands for, about. */
    private static final int COMPRESSION = 3;

    private record Read(long bytes, boolean whole, List<String> sample) {}

    /**
     * Looks at texts.
     *
     * @param mostVocabulary that a model of the size to come has use for
     * @throws RequestException if there is too little to learn from
     */
    public static TextSize of(Sources sources, int mostVocabulary) {
        Read read = read(sources);
        if (read.bytes() < FEWEST_BYTES) {
            throw new RequestException(
                    "the texts have " + read.bytes() + " bytes; a model learns nothing from less than " + FEWEST_BYTES,
                    "a megabyte makes a start; ./cria primer --out my-texts writes some");
        }
        long bytes = read.whole() ? read.bytes() : Math.max(read.bytes(), fromFiles(sources));
        return withVocabulary(bytes, read, Math.min(suitable(bytes), mostVocabulary));
    }

    private static Read read(Sources sources) {
        long bytes = 0;
        long sampled = 0;
        List<String> sample = new ArrayList<>();
        try (Stream<String> texts = Texts.of(sources)) {
            Iterator<String> each = texts.iterator();
            while (bytes < MOST_READ && each.hasNext()) {
                String text = each.next();
                bytes += text.getBytes(StandardCharsets.UTF_8).length;
                if (sampled < SAMPLE) {
                    String part = text.substring(0, (int) Math.min(text.length(), SAMPLE - sampled));
                    sample.add(part);
                    sampled += part.length();
                }
            }
            return new Read(bytes, !each.hasNext(), sample);
        }
    }

    private static long fromFiles(Sources sources) {
        return sources.files().stream()
                .mapToLong(file -> file.bytes() * (file.name().matches(".*\\.(txt|jsonl|json)") ? 1 : COMPRESSION))
                .sum();
    }

    /** The more text, the more of its words are worth a token of their own. */
    private static int suitable(long bytes) {
        return bytes < 100_000
                ? 512
                : bytes < 500_000 ? 1024 : bytes < 50_000_000 ? 4096 : bytes < 1_000_000_000 ? 16_384 : GPT2_VOCABULARY;
    }

    /** Half of it as long as the sample has too few pairs. */
    private static TextSize withVocabulary(long bytes, Read read, int vocabulary) {
        if (vocabulary == GPT2_VOCABULARY) {
            return new TextSize(
                    bytes, read.whole(), vocabulary, bytesPerToken(Tokenizers.named("gpt2"), read.sample()));
        }
        try {
            Tokenizer tokenizer = BpeTrainer.train(read.sample().stream(), vocabulary, Progress.silent());
            return new TextSize(bytes, read.whole(), vocabulary, bytesPerToken(tokenizer, read.sample()));
        } catch (RequestException e) {
            int smaller = Math.max(vocabulary / 2, BpeTrainer.SMALLEST_VOCABULARY);
            if (smaller == vocabulary) {
                throw e;
            }
            return withVocabulary(bytes, read, smaller);
        }
    }

    private static double bytesPerToken(Tokenizer tokenizer, List<String> sample) {
        long bytes = 0;
        long tokens = 0;
        for (String text : sample) {
            bytes += text.getBytes(StandardCharsets.UTF_8).length;
            tokens += tokenizer.encode(text).length;
        }
        return (double) bytes / Math.max(1, tokens);
    }

    public boolean needsOwnTokenizer() {
        return vocabulary != GPT2_VOCABULARY;
    }

    /** Tokens to learn from: a tenth of a small text goes to validation. */
    public long trainingTokens() {
        return Math.max(1, Math.round(0.9 * bytes / bytesPerToken));
    }
}
