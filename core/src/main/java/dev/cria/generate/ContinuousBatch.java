package dev.cria.generate;

import dev.cria.RequestException;
import dev.cria.generate.BatchRequest.Scores;
import dev.cria.generate.Completion.Stop;
import dev.cria.generate.SequenceReader.Piece;
import dev.cria.model.KvCache;
import dev.cria.model.LanguageModel;
import dev.cria.nn.Projection;
import dev.cria.tensor.Kernels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.stream.IntStream;

/**
 * Writes many completions side by side that come and go at any step, each with a sampling of its own. One thread goes
 * from step to step; a step is one forward over the next token of every row that writes and a part of the prompts that
 * are read. Callers take turns: one that asks for a hundred completions does not keep another one waiting for them all.
 *
 * <p>A row's attention is computed by itself, and so are its choices. The matrix products are of all rows together, and
 * in floating point their rounding depends on how many there are. Of int8 weights the products are exact, so there a row
 * takes over only what was read as it would read it: then its company changes no bit.
 *
 * @see "Yu et al. 2022, Orca; Agrawal et al. 2023, SARATHI: prompts in parts beside decoding"
 */
public final class ContinuousBatch implements AutoCloseable {
    private final LanguageModel model;
    private final SequenceReader reader;
    private final BatchLimits limits;
    private final Lock turn;
    private final Thread thread;
    private final boolean exact;
    private final PrefixStore prefixes = new PrefixStore();
    private final List<BatchRow> rows = new ArrayList<>();
    private final Deque<Deque<BatchRow>> waiting = new ArrayDeque<>(); // a queue for each caller, the next one's first
    private volatile int running;
    private int waitingRows;
    private boolean closing;

    /** @param turn held for each step, where several batches share the machine */
    public ContinuousBatch(LanguageModel model, Kernels kernels, BatchLimits limits, Lock turn) {
        this.model = model;
        this.reader = new SequenceReader(model, kernels);
        this.limits = limits;
        this.turn = turn;
        this.exact = model.output() instanceof Projection.Quantized;
        this.thread = Thread.ofPlatform().daemon().name("batch").start(this::run);
    }

    /** What was asked for, which may be given up. */
    @FunctionalInterface
    public interface Ticket {
        /** Frees the row at the next step. */
        void cancel();
    }

    /** A request with who hears of it. */
    public record Asked(BatchRequest request, BatchListener listener) {}

    /**
     * Asks for the completions of one caller, all or none.
     *
     * @throws BatchFullException if too many wait
     */
    public List<Ticket> submit(List<Asked> asked) {
        asked.forEach(one -> require(one.request));
        Deque<BatchRow> own = new ArrayDeque<>();
        for (Asked one : asked) {
            own.add(new BatchRow(one.request, one.listener, model.config().vocabSize()));
        }
        List<Ticket> tickets = own.stream().map(row -> (Ticket) row::cancel).toList();
        synchronized (this) {
            if (closing || waitingRows + own.size() > limits.waiting() + Math.max(0, limits.rows() - running)) {
                throw new BatchFullException(waitingRows);
            }
            waitingRows += own.size();
            waiting.addLast(own);
            notifyAll();
        }
        return tickets;
    }

    private void require(BatchRequest request) {
        int most = Math.toIntExact(Math.min(model.config().positions(), limits.places()));
        if (request.places() > most) {
            throw new RequestException(
                    "the model reads at most %,d tokens; the prompt has %,d, and %,d are to be written"
                            .formatted(most, request.prompt().length, request.maxNewTokens()),
                    "shorten the prompt, or ask for fewer tokens");
        }
        int vocab = model.config().vocabSize();
        if (Arrays.stream(request.prompt()).anyMatch(id -> id < 0 || id >= vocab)
                || request.bias().keySet().stream().anyMatch(id -> id < 0 || id >= vocab)) {
            throw new RequestException(
                    "a token id is not below the model's vocabulary of " + vocab,
                    "use the tokenizer of the model's own directory");
        }
    }

    /** Completions that are being written. */
    public int running() {
        return running;
    }

    /** Completions that wait for a row. */
    public synchronized int waiting() {
        return waitingRows;
    }

    private void run() {
        try {
            while (awaitWork()) {
                turn.lock();
                try {
                    step();
                } catch (RuntimeException | OutOfMemoryError e) {
                    failAll(e);
                } finally {
                    turn.unlock();
                }
            }
        } finally {
            prefixes.close();
        }
    }

    private synchronized boolean awaitWork() {
        while (rows.isEmpty() && waitingRows == 0) {
            if (closing) {
                return false;
            }
            try {
                wait();
            } catch (InterruptedException _) {
                return false;
            }
        }
        return true;
    }

    private void step() {
        leave();
        admit();
        List<BatchRow> chosen = new ArrayList<>();
        List<Piece> pieces = pieces(chosen);
        if (pieces.isEmpty()) {
            return;
        }
        List<float[][]> logits = reader.read(pieces);
        IntStream all = IntStream.range(0, chosen.size());
        (chosen.size() > 1 ? all.parallel() : all).forEach(i -> chosen.get(i).goOn(logits.get(i)));
        leave();
    }

    /** Those that write come first, so a prompt that is read in parts holds up nobody; prompts share what is left. */
    private List<Piece> pieces(List<BatchRow> chosen) {
        List<Piece> pieces = new ArrayList<>();
        for (BatchRow row : rows) {
            if (!row.isReading()) {
                chosen.add(row);
                pieces.add(row.next(1));
            }
        }
        int left = Math.max(1, limits.tokensPerStep() - pieces.size());
        for (BatchRow row : rows) {
            if (row.isReading() && left > 0) {
                Piece piece = row.next(left);
                chosen.add(row);
                pieces.add(piece);
                left -= piece.ids().length;
            }
        }
        return pieces;
    }

    /** Rows that are done, or given up, make room; what they read is kept for those that begin alike. */
    private void leave() {
        for (Iterator<BatchRow> all = rows.iterator(); all.hasNext(); ) {
            BatchRow row = all.next();
            if (row.isCancelled() && !row.isDone()) {
                row.end(Stop.CANCELLED);
            }
            if (row.isDone()) {
                all.remove();
                prefixes.keep(reusable(row), row.cache());
            }
        }
        running = rows.size();
    }

    private void admit() {
        while (rows.size() < limits.rows()) {
            Optional<BatchRow> next = nextWaiting();
            if (next.isEmpty()) {
                return;
            }
            begin(next.get());
        }
    }

    /** The next caller's first, if there is room for it now. */
    private synchronized Optional<BatchRow> nextWaiting() {
        for (int callers = waiting.size(); callers > 0; callers--) {
            Deque<BatchRow> own = waiting.removeFirst();
            dropCancelled(own);
            if (own.isEmpty()) {
                continue;
            }
            BatchRow first = own.getFirst();
            if (waitsForSibling(first)) {
                waiting.addLast(own);
                continue;
            }
            if (!makeRoom(first.request.places())) {
                waiting.addFirst(own);
                return Optional.empty();
            }
            own.removeFirst();
            waitingRows--;
            if (!own.isEmpty()) {
                waiting.addLast(own);
            }
            return Optional.of(first);
        }
        return Optional.empty();
    }

    private void dropCancelled(Deque<BatchRow> own) {
        while (!own.isEmpty() && own.getFirst().isCancelled()) {
            own.removeFirst().end(Stop.CANCELLED);
            waitingRows--;
        }
    }

    /** Whether a row is just reading what this one begins with, and would read it twice otherwise. */
    private boolean waitsForSibling(BatchRow row) {
        if (row.request.scores() == Scores.PROMPT_AND_CHOSEN) {
            return false;
        }
        int[] prompt = row.request.prompt();
        return rows.stream().filter(BatchRow::isReading).anyMatch(other -> {
            int[] theirs = other.request.prompt();
            int shared = Arrays.mismatch(theirs, prompt);
            int count = shared < 0 ? prompt.length : shared;
            return count > other.cache().length() && 2 * count > prompt.length;
        });
    }

    private boolean makeRoom(int needed) {
        long held = rows.stream().mapToLong(row -> row.cache().capacity()).sum();
        while (held + prefixes.places() + needed > limits.places()) {
            if (!prefixes.dropOldest()) {
                return false;
            }
        }
        return true;
    }

    private void begin(BatchRow row) {
        KvCache cache = reader.cache(row.request.places());
        int cached = 0;
        if (row.request.scores() != Scores.PROMPT_AND_CHOSEN) {
            int[] prompt = row.request.prompt();
            // The last token is read in any case, for its logits.
            int read = exact ? BatchRow.LEAST_PIECE : 1;
            cached = copyLongestPrefix(prompt, Math.max(0, prompt.length - read), cache);
        }
        rows.add(row);
        row.begin(cache, cached);
        running = rows.size();
    }

    private int copyLongestPrefix(int[] prompt, int most, KvCache cache) {
        Optional<PrefixStore.Kept> kept = prefixes.longest(prompt, most);
        int shared = kept.map(k -> k.shared(prompt, most)).orElse(0);
        KvCache from = kept.map(PrefixStore.Kept::cache).orElse(cache);
        for (BatchRow row : rows) {
            int count = new PrefixStore.Kept(reusable(row), row.cache()).shared(prompt, most);
            if (count > shared) {
                shared = count;
                from = row.cache();
            }
        }
        if (shared > 0) {
            cache.copyPrefix(from, shared);
        }
        return shared;
    }

    private int[] reusable(BatchRow row) {
        return exact ? row.readTogether() : row.read();
    }

    private void failAll(Throwable e) {
        RuntimeException why = e instanceof RuntimeException known ? known : new IllegalStateException(e);
        for (BatchRow row : rows) {
            if (!row.isDone()) {
                row.fail(why);
            }
            row.cache().close();
        }
        rows.clear();
        running = 0;
    }

    /** Finishes what was asked for, takes nothing new, and frees all. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
