package dev.cria.generate;

import dev.cria.RequestException;
import dev.cria.generate.Completion.Stop;
import dev.cria.generate.TokenListener.Next;
import dev.cria.generate.TokenListener.Reading;
import dev.cria.model.LanguageModel;
import dev.cria.tensor.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Writes on where a prompt ends: the prompt is read in one forward, its cache repeated for each completion, and the
 * completions are decoded side by side. Touches nothing of the model but to read it, and has random streams of its own,
 * so a training may call it between steps.
 *
 * <p>Of a text longer than the model's positions the later part is continued; see {@link ContextWindow}.
 */
public final class Generator {
    /** Rows of several prompts that are decoded side by side: as many as cost one pass over the weights. */
    private static final int MOST_JOINED_ROWS = 16;

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
        return generate(List.of(prompt), options, listener).getFirst();
    }

    /**
     * The completions of several prompts, those of a prompt together; each as if its prompt were alone. Prompts that fit
     * the model's positions with all that may be written after them are decoded side by side.
     */
    public List<List<Completion>> generate(List<int[]> prompts, GenerateOptions options, TokenListener listener) {
        prompts.forEach(prompt -> requireReadable(prompt, options.endTokens()));
        List<Row> rows = new ArrayList<>();
        for (int[] prompt : prompts) {
            for (int i = 0; i < options.count(); i++) {
                rows.add(new Row(rows.size(), prompt, options.maxNewTokens(), SplitMix.stream(options.seed(), i)));
            }
        }
        if (options.maxNewTokens() > 0) {
            for (List<Row> batch : batches(rows, options)) {
                new Decoding(batch, options, listener).run();
            }
        }
        List<Completion> all = rows.stream().map(Row::completion).toList();
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> all.subList(i * options.count(), (i + 1) * options.count()))
                .toList();
    }

    private List<List<Row>> batches(List<Row> rows, GenerateOptions options) {
        List<List<Row>> batches = new ArrayList<>();
        for (int first = 0; first < rows.size(); first += options.count()) {
            List<Row> next = rows.subList(first, first + options.count());
            boolean joins = !batches.isEmpty()
                    && batches.getLast().size() + next.size() <= MOST_JOINED_ROWS
                    && isShort(batches.getLast().getLast(), options)
                    && isShort(next.getFirst(), options);
            if (joins) {
                batches.getLast().addAll(next);
            } else {
                batches.add(new ArrayList<>(next));
            }
        }
        return batches;
    }

    private boolean isShort(Row row, GenerateOptions options) {
        return row.promptLength + options.maxNewTokens() <= model.config().positions();
    }

    /** How many of a prompt's first tokens the model does not see, since the prompt is longer than its positions. */
    public int leftOut(int promptLength) {
        return new ContextWindow(positions()).start(promptLength);
    }

    /** The tokens that the model sees at once. */
    public int positions() {
        return model.config().positions();
    }

    /** The probabilities of the token after a prompt, over ids below {@code vocabulary}. */
    public double[] nextToken(int[] prompt, int vocabulary) {
        requireReadable(prompt, Set.of());
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

    private void requireReadable(int[] prompt, Set<Integer> endTokens) {
        if (prompt.length == 0) {
            throw new RequestException("the prompt is empty", afterEndOfText(endTokens));
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

    /** To write without a prompt is to write after the end of another text, where the model has a token for that. */
    private String afterEndOfText(Set<Integer> endTokens) {
        return endTokens.stream()
                .filter(id -> id < model.config().vocabSize())
                .min(Comparator.naturalOrder())
                .map(id -> "begin after the end of another text: --prompt-ids " + id)
                .orElse("give a prompt of one token or more");
    }

    /** One completion under way. */
    private static final class Row {
        final int index;
        // After the end of a finished row come zeros, which are read with it to keep the cache's rows equally long.
        final int[] text;
        final int promptLength;
        final SplitMix random;
        int length;
        Stop stop = Stop.LENGTH;
        boolean done;

        Row(int index, int[] prompt, int maxNewTokens, SplitMix random) {
            this.index = index;
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

    /** Rows that are decoded side by side; those of several prompts are all short. */
    private final class Decoding {
        private final List<Row> rows;
        private final GenerateOptions options;
        private final TokenListener listener;
        private final ContextWindow window = new ContextWindow(model.config().positions());
        private final Sampler sampler;
        private long since = System.nanoTime();

        Decoding(List<Row> rows, GenerateOptions options, TokenListener listener) {
            this.rows = rows;
            this.options = options;
            this.listener = listener;
            this.sampler = new Sampler(
                    options.sampling(),
                    Math.min(options.vocabulary(), model.config().vocabSize()));
        }

        void run() {
            Decoder decoder = afterPrompts();
            try {
                for (int step = 0; step < options.maxNewTokens(); step++) {
                    int[] chosen = chosen(decoder.logits());
                    for (int i = 0; i < rows.size(); i++) {
                        advance(rows.get(i), chosen[i]);
                    }
                    boolean more =
                            step + 1 < options.maxNewTokens() && rows.stream().anyMatch(row -> !row.done);
                    if (!more) {
                        return;
                    }
                    read(decoder, step + 1);
                }
            } finally {
                decoder.close();
            }
        }

        /** Each prompt is read once, and its cache repeated for each completion. */
        private Decoder afterPrompts() {
            int longest = rows.stream().mapToInt(row -> row.promptLength).max().orElseThrow();
            int capacity =
                    Math.min(longest + options.maxNewTokens(), model.config().positions());
            List<Decoder> ones = new ArrayList<>();
            try {
                for (int i = 0; i < rows.size(); i += options.count()) {
                    Row row = rows.get(i);
                    int start = window.start(row.promptLength);
                    Decoder one =
                            new Decoder(model, kernels, 1, rows.size() == 1 ? capacity : row.promptLength - start);
                    ones.add(one);
                    one.read(longs(row.text, start, row.promptLength));
                    tell(Reading.PROMPT, row.promptLength - start);
                }
                return rows.size() == 1 ? ones.removeFirst() : Decoder.joined(repeated(ones), capacity);
            } finally {
                ones.forEach(Decoder::close);
            }
        }

        private List<Decoder> repeated(List<Decoder> ones) {
            return IntStream.range(0, rows.size())
                    .mapToObj(i -> ones.get(i / options.count()))
                    .toList();
        }

        /** The next token of each row, 0 for those that are done; a row's choice concerns its own logits and random stream. */
        private int[] chosen(float[] logits) {
            int vocab = logits.length / rows.size();
            IntStream all = IntStream.range(0, rows.size());
            return (rows.size() > 1 ? all.parallel() : all)
                    .map(i -> rows.get(i).done ? 0 : sampler.choose(logits, i * vocab, rows.get(i).random))
                    .toArray();
        }

        private void advance(Row row, int id) {
            if (row.done) {
                return;
            }
            if (options.endTokens().contains(id)) {
                row.end(Stop.END_TOKEN);
                return;
            }
            row.text[row.length++] = id;
            if (listener.accept(row.index, id) == Next.STOP) {
                row.end(Stop.CANCELLED);
            }
        }

        /** Reads the token that was just chosen for each row, or the later part of the texts where the cache is full. */
        private void read(Decoder decoder, int step) {
            int length = rows.getFirst().promptLength + step;
            int start = window.start(length);
            boolean moved = start != window.start(length - 1);
            if (moved) {
                decoder.truncate(0);
            }
            int count = moved ? length - start : 1;
            long[] ids = new long[rows.size() * count];
            for (int i = 0; i < rows.size(); i++) {
                Row row = rows.get(i);
                for (int j = 0; j < count; j++) {
                    ids[i * count + j] = row.text[row.promptLength + step - count + j];
                }
            }
            decoder.read(ids);
            tell(Reading.CHOSEN, rows.size());
        }

        private void tell(Reading what, int tokens) {
            long now = System.nanoTime();
            listener.read(what, tokens, now - since);
            since = now;
        }
    }

    private static long[] longs(int[] ids, int from, int to) {
        return Arrays.stream(ids, from, to).asLongStream().toArray();
    }
}
