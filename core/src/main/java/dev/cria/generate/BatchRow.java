package dev.cria.generate;

import dev.cria.generate.BatchRequest.Scores;
import dev.cria.generate.Completion.Stop;
import dev.cria.generate.SequenceReader.Piece;
import dev.cria.generate.TokenListener.Next;
import dev.cria.model.KvCache;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One completion of a {@link ContinuousBatch}: its text so far, and how much of it the model has read. */
final class BatchRow {
    final BatchRequest request;
    /** Tokens that a prompt of as many is read by at a time, the least. */
    static final int LEAST_PIECE = 2;

    private final BatchListener listener;
    private final int[] text;
    private final Sampler sampler;
    private final SplitMix random;
    private int length;
    private @Nullable KvCache cache;
    private boolean done;
    private volatile boolean cancelled;

    BatchRow(BatchRequest request, BatchListener listener, int vocab) {
        this.request = request;
        this.listener = listener;
        this.length = request.prompt().length;
        this.text = Arrays.copyOf(request.prompt(), length + request.maxNewTokens());
        this.sampler = new Sampler(request.sampling(), Math.min(request.vocabulary(), vocab));
        this.random = SplitMix.stream(request.seed(), request.sample());
    }

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    boolean isDone() {
        return done;
    }

    /** What it has read; there is none before it begins. */
    KvCache cache() {
        return Objects.requireNonNull(cache);
    }

    /** The ids that the cache holds. */
    int[] read() {
        return Arrays.copyOf(text, cache().length());
    }

    /** Those of them that were read several at a time; one alone goes through another kernel of attention. */
    int[] readTogether() {
        int prompt = request.prompt().length;
        return Arrays.copyOf(text, prompt < LEAST_PIECE ? 0 : Math.min(prompt, cache().length()));
    }

    /** Whether part of the prompt has not been read. */
    boolean isReading() {
        return cache().length() < request.prompt().length;
    }

    void begin(KvCache empty, int cached) {
        cache = empty;
        listener.begun(cached);
    }

    /** The next tokens to read, at most so many, or one more: none is read alone that others may be read with. */
    Piece next(int most) {
        int from = cache().length();
        int to = Math.min(length, from + Math.max(LEAST_PIECE, most));
        if (length - to == 1) {
            to = length;
        }
        boolean scoresPrompt = request.scores() == Scores.PROMPT_AND_CHOSEN && isReading();
        return new Piece(cache(), Arrays.copyOfRange(text, from, to), scoresPrompt ? to - from : to == length ? 1 : 0);
    }

    /** Goes on with the logits of the tokens that were read last; what fails is this row's failure alone. */
    void goOn(float[][] logits) {
        try {
            advance(logits);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void advance(float[][] logits) {
        int read = cache().length();
        int promptLength = request.prompt().length;
        if (request.scores() == Scores.PROMPT_AND_CHOSEN && read <= promptLength) {
            scorePrompt(logits, read - logits.length, Math.min(read, promptLength - 1));
        }
        if (read < length) {
            return;
        }
        if (length == text.length) {
            end(Stop.LENGTH);
            return;
        }
        choose(logits[logits.length - 1]);
    }

    /** Token i of the prompt is scored by the logits at token i-1; the first has none before it. */
    private void scorePrompt(float[][] logits, int first, int end) {
        if (first == 0) {
            listener.prompt(Scored.unknown(text[0]));
        }
        for (int i = first; i < end; i++) {
            listener.prompt(LogProbabilities.of(logits[i - first], text[i + 1], request.likeliest()));
        }
    }

    private void choose(float[] logits) {
        float[] biased = logits;
        if (!request.bias().isEmpty()) {
            biased = logits.clone();
            for (var bias : request.bias().entrySet()) {
                biased[bias.getKey()] += bias.getValue();
            }
        }
        int id = sampler.choose(biased, 0, random);
        if (request.endTokens().contains(id)) {
            end(Stop.END_TOKEN);
            return;
        }
        text[length++] = id;
        Scored scored = request.scores() == Scores.NONE
                ? Scored.unknown(id)
                : LogProbabilities.of(logits, id, request.likeliest());
        if (listener.chosen(scored) == Next.STOP) {
            end(Stop.CANCELLED);
        } else if (length == text.length) {
            end(Stop.LENGTH);
        }
    }

    void end(Stop why) {
        done = true;
        listener.ended(why);
    }

    void fail(RuntimeException why) {
        done = true;
        listener.failed(why);
    }
}
