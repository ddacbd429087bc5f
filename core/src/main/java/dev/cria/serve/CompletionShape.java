package dev.cria.serve;

import dev.cria.generate.Scored;
import java.util.List;
import java.util.function.ToIntFunction;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shape of {@code /v1/completions}.
 *
 * @param echo whether the prompt is repeated before the answer
 */
record CompletionShape(TokenText tokens, boolean echo, boolean logprobs) implements Shape {
    @Override
    public String whole() {
        return "text_completion";
    }

    @Override
    public String part() {
        return "text_completion";
    }

    @Override
    public String idPrefix() {
        return "cmpl-";
    }

    @Override
    public boolean opens(Choice choice) {
        return echo;
    }

    @Override
    public ObjectNode opening(Choice choice) {
        return of(choice, choice.prompt().text(), choice.scored(), 0);
    }

    @Override
    public ObjectNode choice(Choice choice) {
        String before = echo ? choice.prompt().text() : "";
        ObjectNode json = of(choice, before + choice.text(), choice.scored(), 0);
        json.put("finish_reason", choice.finish());
        return json;
    }

    @Override
    public ObjectNode delta(Choice.Delta delta) {
        int before = delta.of().text().length() - delta.text().length();
        int echoed = echo ? delta.of().prompt().text().length() : 0;
        return of(delta.of(), delta.text(), delta.tokens(), before + echoed);
    }

    @Override
    public ObjectNode closing(Choice choice) {
        ObjectNode json = of(choice, "", List.of(), 0);
        json.put("finish_reason", choice.finish());
        return json;
    }

    private ObjectNode of(Choice choice, String text, List<Scored> scored, int offset) {
        ObjectNode json = Json.object();
        json.put("index", choice.index());
        json.put("text", text);
        if (logprobs && !scored.isEmpty()) {
            json.set("logprobs", logprobs(scored, offset));
        } else {
            json.putNull("logprobs");
        }
        json.putNull("finish_reason");
        return json;
    }

    private ObjectNode logprobs(List<Scored> scored, int firstOffset) {
        ArrayNode texts = Json.array();
        ArrayNode numbers = Json.array();
        ArrayNode tops = Json.array();
        ArrayNode offsets = Json.array();
        int offset = firstOffset;
        ToIntFunction<Integer> lengths = tokens.lengths();
        for (Scored token : scored) {
            String text = tokens.of(token.id());
            texts.add(text);
            offsets.add(offset);
            offset += lengths.applyAsInt(token.id());
            if (Double.isNaN(token.logprob())) {
                numbers.addNull();
                tops.addNull();
                continue;
            }
            numbers.add(token.logprob());
            ObjectNode top = Json.object();
            token.likeliest().forEach(one -> top.put(tokens.of(one.id()), one.logprob()));
            top.put(text, token.logprob());
            tops.add(top);
        }
        ObjectNode json = Json.object();
        json.set("tokens", texts);
        json.set("token_logprobs", numbers);
        json.set("top_logprobs", tops);
        json.set("text_offset", offsets);
        return json;
    }
}
