package dev.cria.serve;

import dev.cria.generate.Completion;
import dev.cria.generate.Scored;
import dev.cria.tokenizer.StreamingDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One of the answers of a request, as it grows. */
final class Choice {
    private final int index;
    private final Prompt prompt;
    private final Optional<StreamingDecoder> decoder;
    private final StopText stop;
    private final StringBuilder text = new StringBuilder();
    private final List<Scored> scored = new ArrayList<>();
    private int tokens;
    private String finish = "";

    /** What is new of it. */
    record Delta(Choice of, String text, List<Scored> tokens) {}

    Choice(int index, Prompt prompt, Optional<StreamingDecoder> decoder, StopText stop) {
        this.index = index;
        this.prompt = prompt;
        this.decoder = decoder;
        this.stop = stop;
    }

    int index() {
        return index;
    }

    Prompt prompt() {
        return prompt;
    }

    String text() {
        return text.toString();
    }

    /** The tokens with their scores, the prompt's first where they were asked for. */
    List<Scored> scored() {
        return scored;
    }

    /** Tokens that were written. */
    int tokens() {
        return tokens;
    }

    boolean isFinished() {
        return !finish.isEmpty();
    }

    /** {@code stop}, {@code length}, or empty while it grows. */
    String finish() {
        return finish;
    }

    void prompt(Scored token) {
        scored.add(token);
    }

    /** Takes a token; afterwards it may be finished, where a stop word came. */
    Delta accept(Scored token) {
        tokens++;
        scored.add(token);
        String piece = stop.accept(decoder.map(d -> d.accept(token.id())).orElseGet(() -> token.id() + " "));
        text.append(piece);
        if (stop.isStopped()) {
            finish = "stop";
        }
        return new Delta(this, piece, List.of(token));
    }

    Delta end(Completion.Stop why) {
        String rest = stop.accept(decoder.map(StreamingDecoder::finish).orElse("")) + stop.finish();
        text.append(rest);
        finish = why == Completion.Stop.LENGTH && !stop.isStopped() ? "length" : "stop";
        return new Delta(this, rest, List.of());
    }
}
