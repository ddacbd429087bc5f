package dev.cria.serve;

import dev.cria.generate.BatchRequest.Scores;
import dev.cria.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A request to {@code /v1/completions}.
 *
 * @param likeliest how many of the likeliest tokens are told; empty where no probabilities are
 */
record CompletionRequest(Wanted wanted, JsonNode prompt, boolean echo, Optional<Integer> likeliest) {
    private static final int USUAL_TOKENS = 16;
    private static final int MOST_PROMPTS = 128;
    private static final int MOST_LIKELIEST = 20;

    static CompletionRequest of(Body body) {
        Set<String> known = new HashSet<>(Wanted.KEYS);
        known.addAll(Set.of("prompt", "echo", "logprobs"));
        body.requireKnown(known);
        JsonNode prompt = body.get("prompt").orElseThrow(() -> ApiError.wrong("prompt", "'prompt' is missing."));
        return new CompletionRequest(
                Wanted.of(body, Optional.of(Wanted.tokens(body, "max_tokens").orElse(USUAL_TOKENS))),
                prompt,
                body.flag("echo"),
                body.whole("logprobs", 0, MOST_LIKELIEST));
    }

    /** Texts, ids, or lists of either. */
    List<Prompt> prompts(Opened opened) {
        if (prompt.isString()) {
            return List.of(ofText(prompt, opened));
        }
        if (!prompt.isArray() || prompt.isEmpty()) {
            throw ApiError.wrong("prompt", "'prompt' is neither a text nor a list of token ids, nor a list of these.");
        }
        if (prompt.get(0).isNumber()) {
            return List.of(ofIds(prompt, opened));
        }
        if (prompt.size() > MOST_PROMPTS) {
            throw ApiError.wrong("prompt", "'prompt' has more than " + MOST_PROMPTS + " prompts.");
        }
        List<Prompt> prompts = new ArrayList<>();
        prompt.forEach(one -> prompts.add(one.isString() ? ofText(one, opened) : ofIds(one, opened)));
        return prompts;
    }

    private static Prompt ofText(JsonNode node, Opened opened) {
        Tokenizer tokenizer = opened.requireTokenizer();
        String text = node.stringValue();
        int[] ids = tokenizer.roles().frame().around(tokenizer.encode(text));
        if (ids.length == 0) {
            // To write without a prompt is to write after the end of another text.
            ids = tokenizer.endOfText().stream().toArray();
        }
        return new Prompt(ids, text);
    }

    private static Prompt ofIds(JsonNode node, Opened opened) {
        if (!node.isArray() || node.isEmpty()) {
            throw ApiError.wrong("prompt", "A prompt is neither a text nor a list of token ids.");
        }
        int[] ids = new int[node.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = node.get(i);
            if (!id.isIntegralNumber() || !id.canConvertToInt()) {
                throw ApiError.wrong("prompt", "A prompt's token id is no whole number.");
            }
            ids[i] = id.intValue();
            if (ids[i] < 0 || ids[i] >= opened.model().config().vocabSize()) {
                throw ApiError.wrong(
                        "prompt",
                        "Token id " + ids[i] + " is not below the vocabulary of "
                                + opened.model().config().vocabSize() + ".");
            }
        }
        return new Prompt(ids, text(ids, opened));
    }

    private static String text(int[] ids, Opened opened) {
        boolean readable = opened.tokenizer()
                .filter(t -> Arrays.stream(ids).allMatch(id -> id < t.vocabularySize()))
                .isPresent();
        if (readable) {
            return opened.requireTokenizer().decode(ids);
        }
        TokenText texts = new TokenText(opened.tokenizer());
        return Arrays.stream(ids).mapToObj(texts::of).collect(Collectors.joining());
    }

    Scores scores() {
        if (likeliest.isEmpty()) {
            return Scores.NONE;
        }
        return echo ? Scores.PROMPT_AND_CHOSEN : Scores.CHOSEN;
    }
}
