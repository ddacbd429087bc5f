package dev.cria.serve;

import dev.cria.generate.BatchFullException;
import dev.cria.generate.BatchRequest;
import dev.cria.generate.BatchRequest.Scores;
import dev.cria.generate.Completion;
import dev.cria.generate.ContinuousBatch.Asked;
import dev.cria.generate.ContinuousBatch.Ticket;
import dev.cria.generate.Scored;
import dev.cria.tokenizer.StreamingDecoder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The answer to one request: all its choices, whole or as a stream. */
final class Answer {

    private final Shelf.Lease lease;
    private final Wanted wanted;
    private final Shape shape;
    private final Metrics metrics;
    private final List<Choice> choices = new ArrayList<>();
    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    private final long since = System.nanoTime();
    private final String id;
    private final long created = System.currentTimeMillis() / 1000;
    private List<Ticket> tickets = List.of();
    private int cached;
    private boolean hasWritten;

    Answer(Shelf.Lease lease, Wanted wanted, Shape shape, Metrics metrics) {
        this.lease = lease;
        this.wanted = wanted;
        this.shape = shape;
        this.metrics = metrics;
        this.id = shape.idPrefix() + UUID.randomUUID();
    }

    /** Takes what is written of an answer; throws where nobody reads it any more. */
    interface Out {
        /** A part of a stream. */
        void event(String data) throws IOException;

        /** A sign of life while there is nothing to say, or nothing yet of an answer that goes out whole. */
        void sign() throws IOException;

        /** The longest time without one. */
        Duration betweenSigns();

        /** All of it, where it is no stream. */
        void whole(String json) throws IOException;
    }

    /**
     * Asks the batch.
     *
     * @throws ApiError if the prompts do not fit, or too many wait
     */
    void ask(List<Prompt> prompts, Scores scores, int likeliest) {
        Opened opened = lease.opened();
        List<Asked> asked = new ArrayList<>();
        for (Prompt prompt : prompts) {
            int room = opened.model().config().positions() - prompt.ids().length + 1;
            int most = wanted.maxTokens().orElse(Math.max(1, room));
            if (room < most || room < 1) {
                throw ApiError.tooLong(
                        "This model's maximum context length is %d tokens, of which the prompt has %d and %d are to be written."
                                .formatted(opened.model().config().positions(), prompt.ids().length, most));
            }
            for (int i = 0; i < wanted.count(); i++) {
                var decoder = opened.tokenizer().map(StreamingDecoder::new);
                choices.add(new Choice(choices.size(), prompt, decoder, new StopText(wanted.stop())));
                var request = new BatchRequest(
                        prompt.ids(),
                        most,
                        wanted.sampling(),
                        wanted.seed(),
                        i,
                        opened.vocabulary(),
                        opened.endTokens(),
                        wanted.bias(),
                        scores,
                        likeliest);
                asked.add(new Asked(request, Heard.into(heard, choices.size() - 1)));
            }
        }
        try {
            tickets = lease.batch().submit(asked);
        } catch (BatchFullException e) {
            throw ApiError.busy("The server is busy: " + e.getMessage() + ". Try again soon.");
        }
        metrics.asked(prompts.stream().mapToInt(p -> p.ids().length).sum());
    }

    /** Writes the answer as it comes; where it cannot be written any more, its rows are freed. */
    void write(Out out) throws IOException, InterruptedException {
        long between = out.betweenSigns().toNanos();
        long signed = System.nanoTime();
        try {
            while (choices.stream().anyMatch(c -> !c.isFinished())) {
                Heard next = heard.poll(between, TimeUnit.NANOSECONDS);
                if (next == null || !wanted.stream() && System.nanoTime() - signed > between) {
                    out.sign();
                    signed = System.nanoTime();
                }
                if (next != null) {
                    take(next, out);
                }
            }
            finish(out);
        } finally {
            tickets.forEach(Ticket::cancel);
        }
    }

    private void take(Heard next, Out out) throws IOException {
        Choice choice = choices.get(next.choice());
        switch (next) {
            case Heard.Begun begun -> begun(choice, begun.cached(), out);
            case Heard.PromptToken prompt -> {
                choice.prompt(prompt.token());
                if (choice.scored().size() == choice.prompt().ids().length) {
                    part(out, shape.opening(choice));
                }
            }
            case Heard.Token written -> written(choice, written.token(), out);
            case Heard.Ended ended -> ended(choice, ended.stop(), out);
            case Heard.Failed failed -> throw failed.why();
        }
    }

    private void begun(Choice choice, int read, Out out) throws IOException {
        cached += read;
        metrics.cached(read);
        if (choice.scored().isEmpty() && shape.opens(choice) && !needsPrompt(choice)) {
            part(out, shape.opening(choice));
        }
    }

    private void written(Choice choice, Scored token, Out out) throws IOException {
        if (choice.isFinished()) {
            return;
        }
        tell();
        part(out, shape.delta(choice.accept(token)));
        if (choice.isFinished()) {
            tickets.get(choice.index()).cancel();
            part(out, shape.closing(choice));
        }
    }

    private void ended(Choice choice, Completion.Stop why, Out out) throws IOException {
        if (choice.isFinished()) {
            return;
        }
        Choice.Delta delta = choice.end(why);
        if (!delta.text().isEmpty()) {
            part(out, shape.delta(delta));
        }
        part(out, shape.closing(choice));
    }

    /** Whether the prompt's probabilities come before the choice's first part. */
    private boolean needsPrompt(Choice choice) {
        return shape instanceof CompletionShape c && c.echo() && c.logprobs() && choice.tokens() == 0;
    }

    private void tell() {
        if (!hasWritten) {
            hasWritten = true;
            metrics.firstToken((System.nanoTime() - since) / 1e9);
        }
        metrics.written(1);
    }

    private void part(Out out, ObjectNode choice) throws IOException {
        if (wanted.stream()) {
            ArrayNode one = Json.array();
            one.add(choice);
            out.event(envelope(shape.part(), one).toString());
        }
    }

    private void finish(Out out) throws IOException {
        if (!wanted.stream()) {
            ArrayNode all = Json.array();
            choices.forEach(c -> all.add(shape.choice(c)));
            ObjectNode json = envelope(shape.whole(), all);
            json.set("usage", usage());
            out.whole(json.toString());
            return;
        }
        if (wanted.usageInStream()) {
            ObjectNode json = envelope(shape.part(), Json.array());
            json.set("usage", usage());
            out.event(json.toString());
        }
        out.event("[DONE]");
    }

    private ObjectNode envelope(String object, ArrayNode choices) {
        ObjectNode json = Json.object();
        json.put("id", id);
        json.put("object", object);
        json.put("created", created);
        json.put("model", lease.id());
        json.set("choices", choices);
        return json;
    }

    /** The prompt of several choices counts once. */
    private ObjectNode usage() {
        int prompt = choices.stream()
                .filter(c -> c.index() % wanted.count() == 0)
                .mapToInt(c -> c.prompt().ids().length)
                .sum();
        int written = choices.stream().mapToInt(Choice::tokens).sum();
        ObjectNode details = Json.object();
        details.put("cached_tokens", Math.min(cached, prompt));
        ObjectNode json = Json.object();
        json.put("prompt_tokens", prompt);
        json.put("completion_tokens", written);
        json.put("total_tokens", prompt + written);
        json.set("prompt_tokens_details", details);
        return json;
    }
}
