package dev.cria.eval;

import dev.cria.RequestException;
import dev.cria.eval.Question.Choice;
import dev.cria.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
        EncodedQuestion encode(Question question, Tokenizer tokenizer) {
            Map<String, int[]> contexts = new HashMap<>();
            List<Request> requests = new ArrayList<>();
            for (Choice choice : question.choices()) {
                String context = PythonText.rstrip(choice.context());
                String continuation = choice.context().substring(context.length()) + choice.continuation();
                if (context.isEmpty()) {
                    requests.add(new Request(start(tokenizer), tokenizer.encode(continuation)));
                } else {
                    int[] before = contexts.computeIfAbsent(context, tokenizer::encode);
                    int[] whole = tokenizer.encode(context + continuation);
                    requests.add(new Request(before, Arrays.copyOfRange(whole, before.length, whole.length)));
                }
            }
            return new EncodedQuestion(
                    requests,
                    question.choices().stream().mapToInt(Choice::characters).toArray(),
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
        EncodedQuestion encode(Question question, Tokenizer tokenizer) {
            String context = question.choices().getFirst().context();
            int[] before = context.isEmpty() ? start(tokenizer) : tokenizer.encode(context);
            List<Request> requests = question.choices().stream()
                    .map(choice -> new Request(before, tokenizer.encode(choice.continuation())))
                    .toList();
            return new EncodedQuestion(
                    requests,
                    requests.stream()
                            .mapToInt(request -> request.continuation().length)
                            .toArray(),
                    question.gold());
        }
    };

    abstract Question question(Benchmark benchmark, Row row);

    abstract EncodedQuestion encode(Question question, Tokenizer tokenizer);

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What stands before a text without context: the token that ends a document. */
    private static int[] start(Tokenizer tokenizer) {
        return new int[] {
            tokenizer
                    .endOfText()
                    .orElseThrow(() -> new RequestException(
                            "a row's context is empty, and the tokenizer has no token that ends a document to stand"
                                    + " there",
                            "use a tokenizer with <|endoftext|>"))
        };
    }

    /**
     * @param lengths what acc_norm divides each choice's log-likelihood by
     * @param gold the index of the right choice
     */
    record EncodedQuestion(List<Request> requests, int[] lengths, int gold) {}
}
