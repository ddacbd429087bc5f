package dev.cria.generate;

import dev.cria.RequestException;
import dev.cria.generate.Completion.Stop;
import dev.cria.generate.TokenListener.Next;
import dev.cria.model.LanguageModel;
import dev.cria.tensor.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes on where a prompt ends: the prompt is read in one forward, its cache repeated for each completion, and the
 * completions are decoded side by side. Touches nothing of the model but to read it, and has random streams of its own,
 * so a training may call it between steps.
 *
 * <p>A text longer than the model's positions goes on with its later part; see {@link ContextWindow}.
 */
public final class Generator {
    private final LanguageModel model;
    private final Kernels kernels;

    public Generator(LanguageModel model, Kernels kernels) {
        this.model = model;
        this.kernels = kernels;
    }

    /** The completions of a prompt, as many as asked for. */
    public List<Completion> generate(int[] prompt, GenerateOptions options) {
        return generate(prompt, options, TokenListener.none());
    }

    /** The same, and each token is shown to the listener as it is chosen, which may stop its row. */
    public List<Completion> generate(int[] prompt, GenerateOptions options, TokenListener listener) {
        requireReadable(prompt);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < options.count(); i++) {
            rows.add(new Row(prompt, options.maxNewTokens(), SplitMix.stream(options.seed(), i)));
        }
        if (options.maxNewTokens() > 0) {
            decode(rows, prompt, options, listener);
        }
        return rows.stream().map(Row::completion).toList();
    }

    /** The probabilities of the token after a prompt, over ids below {@code vocabulary}. */
    public double[] nextToken(int[] prompt, int vocabulary) {
        requireReadable(prompt);
        int positions = model.config().positions();
        int start = new ContextWindow(positions).start(prompt.length);
        try (Decoder decoder = new Decoder(model, kernels, 1, prompt.length - start)) {
            decoder.read(longs(prompt, start, prompt.length));
            return softmax(decoder.logits(), Math.min(vocabulary, model.config().vocabSize()));
        }
    }

    private static double[] softmax(float[] logits, int count) {
        double largest =
                IntStream.range(0, count).mapToDouble(i -> logits[i]).max().orElseThrow();
        double[] weights = IntStream.range(0, count)
                .mapToDouble(i -> Math.exp(logits[i] - largest))
                .toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    private void requireReadable(int[] prompt) {
        if (prompt.length == 0) {
            throw new RequestException(
                    "the prompt is empty",
                    "begin with the token that ends texts: --prompt-ids 50256 for GPT-2's tokenizer");
        }
        for (int id : prompt) {
            if (id < 0 || id >= model.config().vocabSize()) {
                throw new RequestException(
                        "token id " + id + " is not below the model's vocabulary of "
                                + model.config().vocabSize(),
                        "use the tokenizer of the model's own directory");
            }
        }
    }

    /** One completion under way. */
    private static final class Row {
        // After the end of a finished row come zeros, which are read with it to keep the cache's rows equally long.
        final int[] text;
        final int promptLength;
        final SplitMix random;
        int length;
        Stop stop = Stop.LENGTH;
        boolean done;

        Row(int[] prompt, int maxNewTokens, SplitMix random) {
            this.text = Arrays.copyOf(prompt, prompt.length + maxNewTokens);
            this.promptLength = prompt.length;
            this.length = prompt.length;
            this.random = random;
        }

        void end(Stop why) {
            stop = why;
            done = true;
        }

        Completion completion() {
            return new Completion(Arrays.copyOfRange(text, promptLength, length), stop);
        }
    }

    private void decode(List<Row> rows, int[] prompt, GenerateOptions options, TokenListener listener) {
        int vocabulary = Math.min(options.vocabulary(), model.config().vocabSize());
        Sampler sampler = new Sampler(options.sampling(), vocabulary);
        ContextWindow window = new ContextWindow(model.config().positions());
        int longest = prompt.length + options.maxNewTokens();
        int capacity = Math.min(longest, model.config().positions());
        Decoder decoder = afterPrompt(prompt, window, rows.size(), capacity);
        try {
            for (int length = prompt.length; length < longest; length++) {
                for (int i = 0; i < rows.size(); i++) {
                    advance(rows.get(i), i, decoder.logits(), sampler, options, listener);
                }
                boolean more = length + 1 < longest && rows.stream().anyMatch(row -> !row.done);
                if (!more) {
                    return;
                }
                read(decoder, rows, window, length + 1);
            }
        } finally {
            decoder.close();
        }
    }

    private Decoder afterPrompt(int[] prompt, ContextWindow window, int rows, int capacity) {
        Decoder one = new Decoder(model, kernels, 1, capacity);
        try {
            one.read(longs(prompt, window.start(prompt.length), prompt.length));
            if (rows == 1) {
                return one;
            }
            Decoder all = one.repeated(rows);
            one.close();
            return all;
        } catch (RuntimeException e) {
            one.close();
            throw e;
        }
    }

    private static void advance(
            Row row, int index, float[] logits, Sampler sampler, GenerateOptions options, TokenListener listener) {
        if (row.done) {
            return;
        }
        int vocab = logits.length / options.count();
        int id = sampler.choose(logits, index * vocab, row.random);
        if (options.endTokens().contains(id)) {
            row.end(Stop.END_TOKEN);
            return;
        }
        row.text[row.length++] = id;
        if (listener.accept(index, id) == Next.STOP) {
            row.end(Stop.CANCELLED);
        }
    }

    /** Reads the token that was just chosen for each row, or the later part of the texts where the cache is full. */
    private void read(Decoder decoder, List<Row> rows, ContextWindow window, int length) {
        int start = window.start(length);
        boolean moved = start != window.start(length - 1);
        int from = moved ? start : length - 1;
        if (moved) {
            decoder.truncate(0);
        }
        long[] ids = new long[rows.size() * (length - from)];
        for (int i = 0; i < rows.size(); i++) {
            for (int j = from; j < length; j++) {
                ids[i * (length - from) + j - from] = rows.get(i).text[j];
            }
        }
        decoder.read(ids);
    }

    private static long[] longs(int[] ids, int from, int to) {
        return Arrays.stream(ids, from, to).asLongStream().toArray();
    }
}
