package dev.cria.serve;

import dev.cria.generate.Scored;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The shape of {@code /v1/chat/completions}. */
record ChatShape(TokenText tokens, boolean logprobs) implements Shape {
    @Override
    public String whole() {
        return "chat.completion";
    }

    @Override
    public String part() {
        return "chat.completion.chunk";
    }

    @Override
    public String idPrefix() {
        return "chatcmpl-";
    }

    @Override
    public boolean opens(Choice choice) {
        return true;
    }

    @Override
    public ObjectNode opening(Choice choice) {
        ObjectNode delta = Json.object();
        delta.put("role", "assistant");
        delta.put("content", "");
        return part(choice, delta, List.of());
    }

    @Override
    public ObjectNode choice(Choice choice) {
        ObjectNode message = Json.object();
        message.put("role", "assistant");
        message.put("content", choice.text());
        message.putNull("refusal");
        ObjectNode json = Json.object();
        json.put("index", choice.index());
        json.set("message", message);
        putLogprobs(json, choice.scored());
        json.put("finish_reason", choice.finish());
        return json;
    }

    @Override
    public ObjectNode delta(Choice.Delta delta) {
        ObjectNode content = Json.object();
        content.put("content", delta.text());
        return part(delta.of(), content, delta.tokens());
    }

    @Override
    public ObjectNode closing(Choice choice) {
        ObjectNode json = part(choice, Json.object(), List.of());
        json.put("finish_reason", choice.finish());
        return json;
    }

    private ObjectNode part(Choice choice, ObjectNode delta, List<Scored> scored) {
        ObjectNode json = Json.object();
        json.put("index", choice.index());
        json.set("delta", delta);
        putLogprobs(json, scored);
        json.putNull("finish_reason");
        return json;
    }

    private void putLogprobs(ObjectNode json, List<Scored> scored) {
        if (!logprobs || scored.isEmpty()) {
            json.putNull("logprobs");
            return;
        }
        ArrayNode content = Json.array();
        for (Scored token : scored) {
            ObjectNode one = token(token.id(), token.logprob());
            ArrayNode top = Json.array();
            token.likeliest().forEach(likely -> top.add(token(likely.id(), likely.logprob())));
            one.set("top_logprobs", top);
            content.add(one);
        }
        ObjectNode all = Json.object();
        all.set("content", content);
        json.set("logprobs", all);
    }

    private ObjectNode token(int id, double logprob) {
        ObjectNode json = Json.object();
        json.put("token", tokens.of(id));
        json.put("logprob", logprob);
        json.set("bytes", tokens.bytesOf(id));
        return json;
    }
}
