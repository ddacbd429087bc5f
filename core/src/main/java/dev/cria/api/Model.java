package dev.cria.api;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.api.ModelOptions.Precision;
import dev.cria.eval.ModelScorer;
import dev.cria.eval.Request;
import dev.cria.format.AtomicDirectory;
import dev.cria.generate.Generator;
import dev.cria.generate.TokenListener.Next;
import dev.cria.tensor.Memory;
import dev.cria.tensor.VectorApi;
import dev.cria.tokenizer.StreamingDecoder;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tune.Conversation;
import dev.cria.tune.OpenModel;
import dev.cria.tune.PeftFiles;
import dev.cria.tune.Template;
import dev.cria.weights.NamedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A language model that is open. Safe for use by many threads; {@link #close} waits for those that use it and gives its
 * memory back.
 */
public final class Model implements AutoCloseable {
    /** What a GGUF file was converted to, which is gone with its model. */
    private final Optional<Path> converted;

    private final OpenModel open;
    private final Tokenizer tokenizer;
    private final String template;
    private final Precision precision;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private Model(Optional<Path> converted, OpenModel open, Optional<Path> adapter, ModelOptions options) {
        this.converted = converted;
        this.open = open;
        this.tokenizer = open.requireTokenizer();
        this.precision = options.precision();
        this.template = options.template().orElseGet(() -> Template.nameFor(adapter, tokenizer));
    }

    /** Opens a model in fp32, on a GPU if there is one; see {@link #open(String, ModelOptions)}. */
    public static Model open(String name) {
        return open(name, ModelOptions.defaults());
    }

    /**
     * Opens a model.
     *
     * @param name a Hugging Face directory, a GGUF file, {@code hf://OWNER/MODEL[@REVISION]}, a run for its newest
     *     checkpoint, {@code RUN@STEP} for another one, or a tuning run, which is its base with its adapter
     * @throws RequestException if there is no such model, or it is one that cannot be computed here
     * @throws WorkException if its files are damaged, a download fails, or the JVM has no Vector module
     */
    public static Model open(String name, ModelOptions options) {
        VectorApi.load();
        Progress progress = Messages.to(options.messages());
        NamedModel place = NamedModel.of(name, progress);
        Optional<Path> converted = place.isTemporary() ? Optional.of(place.path()) : Optional.empty();
        try {
            Optional<Path> given = options.adapter()
                    .map(named -> NamedModel.of(named, progress).path())
                    .map(named -> PeftFiles.find(named).orElse(named));
            OpenModel open = OpenModel.open(place.path(), given, options.device(), options.type());
            return ready(converted, open, given.or(() -> PeftFiles.find(place.path())), options, progress);
        } catch (RuntimeException e) {
            converted.ifPresent(AtomicDirectory::discard);
            throw e;
        }
    }

    private static Model ready(
            Optional<Path> converted, OpenModel open, Optional<Path> adapter, ModelOptions options, Progress progress) {
        try {
            open.warn(progress);
            return new Model(converted, open, adapter, options);
        } catch (RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /** Writes on where a prompt ends. */
    public String generate(String prompt, GenerationOptions options) {
        return generate(prompt, options, _ -> {}).text();
    }

    /**
     * Writes on where a prompt ends.
     *
     * @param stream takes the text piece by piece, as it is written; an exception of its own ends the text
     * @throws RequestException if the prompt is empty
     */
    public Written generate(String prompt, GenerationOptions options, Consumer<String> stream) {
        return using(model -> {
            int[] ids = tokenizer.roles().frame().around(tokenizer.encode(prompt));
            var asked = model.options(options.maxNewTokens(), options.sampling(), options.seed(), 1);
            var decoder = new StreamingDecoder(tokenizer);
            StringBuilder text = new StringBuilder();
            Consumer<String> both = stream.andThen(text::append);
            var made = generator()
                    .generate(ids, asked, (_, id) -> {
                        both.accept(decoder.accept(id));
                        return options.cancellation().isCancelled() ? Next.STOP : Next.CONTINUE;
                    })
                    .getFirst();
            both.accept(decoder.finish());
            return Written.of(text.toString(), made.ids().length, made.stop());
        });
    }

    /**
     * The natural logarithm of the probability that a continuation follows a context, summed over its tokens. Of what is
     * longer than the model's positions the beginning is left out.
     *
     * @throws RequestException if either is empty, or the model was opened in int8
     */
    public double score(String context, String continuation) {
        return score(context, List.of(continuation)).getFirst();
    }

    /** The same for several continuations of one context, in their order; the context is read once. */
    public List<Double> score(String context, List<String> continuations) {
        if (precision == Precision.INT8) {
            throw new RequestException(
                    "the model is open in int8, which writes texts; scores are computed in fp32 or bf16",
                    "open it with ModelOptions.defaults()");
        }
        return using(model -> {
            List<Request> requests = continuations.stream()
                    .map(continuation -> request(context, continuation))
                    .toList();
            double[] sums = new ModelScorer(model.model(), model.kernels())
                    .logLikelihoods(requests, Progress.silent().begin("score", "texts", requests.size()));
            return IntStream.range(0, sums.length).mapToObj(i -> sums[i]).toList();
        });
    }

    /** Both are encoded as one text, and cut after as many tokens as the context alone has. */
    private Request request(String context, String continuation) {
        int[] before = tokenizer.roles().frame().around(tokenizer.encode(context));
        int[] whole = tokenizer.roles().frame().around(tokenizer.encode(context + continuation));
        if (before.length == 0 || whole.length <= before.length) {
            throw new RequestException(
                    "a context of " + before.length + " tokens and a continuation of " + (whole.length - before.length)
                            + " cannot be scored",
                    "give both at least one token");
        }
        return new Request(
                before,
                IntStream.range(before.length, whole.length).map(i -> whole[i]).toArray());
    }

    /** Begins a conversation, in the template that the model was tuned with, its own, or else Vicuna's. */
    public Chat chat() {
        return using(_ -> new Chat(
                this, new Conversation(generator(), tokenizer, Template.named(template, tokenizer), positions())));
    }

    /** How many parameters it has. */
    public long parameters() {
        return open.model().config().parameterCount();
    }

    /** How many tokens it sees at once. */
    public int positions() {
        return open.model().config().positions();
    }

    private Generator generator() {
        return new Generator(open.model(), open.kernels());
    }

    /** Does something with the model, which is not closed meanwhile. */
    <T> T using(Function<OpenModel, T> work) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the model is closed");
            }
            return work.apply(open);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Waits for the threads that use the model, and gives its memory back; does nothing the second time. */
    @Override
    public void close() {
        if (lock.getReadHoldCount() > 0) {
            throw new IllegalStateException("the model is in use by the very thread that closes it");
        }
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                open.close();
                Memory.of(open.model().device()).trim();
                converted.ifPresent(AtomicDirectory::discard);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
