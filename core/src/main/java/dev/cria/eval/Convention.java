package dev.cria.eval;

import dev.cria.RequestException;
import dev.cria.eval.Question.Choice;
import dev.cria.tokenizer.Roles.Frame;
import dev.cria.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** How rows become tokens and log-likelihoods become accuracies. */
public enum Convention {
    /**
     * lm-evaluation-harness v0.4: white space at the context's end moves in front of the continuation, both are encoded
     * as one text and cut after as many tokens as the context alone has. acc_norm divides by characters.
     */
    HARNESS {
        @Override
        Question question(Benchmark benchmark, Row row) {
            return benchmark.question(row);
        }

        @Override
        EncodedQuestion encode(Question question, Tokenizer tokenizer, Frame frame) {
            Map<String, int[]> contexts = new HashMap<>();
            List<Request> requests = new ArrayList<>();
            for (Choice choice : question.choices()) {
                String context = PythonText.rstrip(choice.context());
                String continuation = choice.context().substring(context.length()) + choice.continuation();
                if (context.isEmpty()) {
                    requests.add(fromStart(start(tokenizer), tokenizer.encode(continuation)));
                } else {
                    int[] before = contexts.computeIfAbsent(context, text -> frame.around(tokenizer.encode(text)));
                    int[] whole = frame.around(tokenizer.encode(context + continuation));
                    requests.add(new Request(before, Arrays.copyOfRange(whole, before.length, whole.length)));
                }
            }
            return new EncodedQuestion(
                    requests,
                    question.choices().stream().mapToInt(Choice::characters).toArray(),
                    bytes(question),
                    question.gold());
        }
    },

    /**
     * build-nanogpt's HellaSwag: the raw context and " " + ending are encoded apart, acc_norm is the mean a token.
     */
    NANOGPT {
        @Override
        Question question(Benchmark benchmark, Row row) {
            if (benchmark != Benchmark.HELLASWAG) {
                throw new RequestException(
                        "the convention nanogpt is defined for hellaswag, not for " + benchmark.id(),
                        "--convention nanogpt --tasks hellaswag");
            }
            List<String> endings = row.texts("endings");
            return Question.of(row.text("ctx"), endings, row.index("label", 0, endings.size()));
        }

        @Override
        EncodedQuestion encode(Question question, Tokenizer tokenizer, Frame frame) {
            String context = question.choices().getFirst().context();
            int[] text = tokenizer.encode(context);
            int[] before = context.isEmpty() ? start(tokenizer) : new Frame(frame.before(), new int[0]).around(text);
            List<Request> requests = question.choices().stream()
                    .map(choice -> new Request(before, tokenizer.encode(choice.continuation())))
                    .toList();
            return new EncodedQuestion(
                    requests,
                    requests.stream()
                            .mapToInt(request -> request.continuation().length)
                            .toArray(),
                    bytes(question),
                    question.gold());
        }
    };

    abstract Question question(Benchmark benchmark, Row row);

    /** With what the tokenizer itself puts around a text. */
    final EncodedQuestion encode(Question question, Tokenizer tokenizer) {
        return encode(question, tokenizer, tokenizer.roles().frame());
    }

    /** @param frame what is put around a text that the model is asked with */
    abstract EncodedQuestion encode(Question question, Tokenizer tokenizer, Frame frame);

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static int[] bytes(Question question) {
        return question.choices().stream()
                .mapToInt(choice -> choice.continuation().getBytes(StandardCharsets.UTF_8).length)
                .toArray();
    }

    /** A continuation that begins with what comes before it anyway is not told it twice. */
    private static Request fromStart(int[] start, int[] ids) {
        boolean there = ids.length > 1 && ids[0] == start[0];
        return there ? new Request(start, Arrays.copyOfRange(ids, 1, ids.length)) : new Request(start, ids);
    }

    /** What comes before a text without context: the token that begins a text, else the one that ends a document. */
    private static int[] start(Tokenizer tokenizer) {
        OptionalInt begin = tokenizer.roles().begin();
        OptionalInt start = begin.isPresent() ? begin : tokenizer.endOfText();
        return new int[] {
            start.orElseThrow(() -> new RequestException(
                    "a row's context is empty, and the tokenizer has no token that begins a text or ends a document",
                    "use a tokenizer with <|endoftext|>"))
        };
    }

    /**
     * @param lengths what acc_norm divides each choice's log-likelihood by
     * @param bytes of each continuation in UTF-8
     * @param gold the index of the right choice
     */
    record EncodedQuestion(List<Request> requests, int[] lengths, int[] bytes, int gold) {}
}
