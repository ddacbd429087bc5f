package dev.cria.serve;

import dev.cria.generate.BatchRequest.Scores;
import dev.cria.tune.Message;
import dev.cria.tune.Message.Role;
import dev.cria.tune.Template;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A request to {@code /v1/chat/completions}.
 *
 * @param template an addition to OpenAI's keys: another template than the model's own
 */
record ChatRequest(Wanted wanted, List<Message> messages, boolean logprobs, int likeliest, Optional<String> template) {
    private static final int MOST_MESSAGES = 1024;
    private static final int MOST_LIKELIEST = 20;

    static ChatRequest of(Body body) {
        Set<String> known = new HashSet<>(Wanted.KEYS);
        known.addAll(Set.of("messages", "logprobs", "top_logprobs", "max_completion_tokens", "template"));
        body.requireKnown(known);
        int likeliest = body.whole("top_logprobs", 0, MOST_LIKELIEST).orElse(0);
        boolean logprobs = body.flag("logprobs");
        if (likeliest > 0 && !logprobs) {
            throw ApiError.wrong("top_logprobs", "'top_logprobs' wants 'logprobs': true.");
        }
        return new ChatRequest(
                Wanted.of(
                        body, Wanted.tokens(body, "max_completion_tokens").or(() -> Wanted.tokens(body, "max_tokens"))),
                messages(body),
                logprobs,
                likeliest,
                body.text("template"));
    }

    private static List<Message> messages(Body body) {
        JsonNode all = body.get("messages").orElseThrow(() -> ApiError.wrong("messages", "'messages' is missing."));
        if (!all.isArray() || all.isEmpty() || all.size() > MOST_MESSAGES) {
            throw ApiError.wrong("messages", "'messages' is not a list of 1 to " + MOST_MESSAGES + " messages.");
        }
        List<Message> messages = new ArrayList<>();
        for (JsonNode one : all) {
            new Body(one).requireKnown("messages.", Set.of("role", "content"));
            messages.add(new Message(role(one), content(one)));
        }
        return messages;
    }

    private static Role role(JsonNode message) {
        return switch (message.path("role").asString("").toLowerCase(Locale.ROOT)) {
            case "system", "developer" -> Role.SYSTEM;
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            default ->
                throw ApiError.wrong("messages", "A message's role is not system, developer, user or assistant.");
        };
    }

    /** A text, or a list of parts that are texts. */
    private static String content(JsonNode message) {
        JsonNode content = message.path("content");
        if (content.isString()) {
            return content.stringValue();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content.isArray() ? content : List.<JsonNode>of()) {
            if (!part.path("type").asString("").equals("text")
                    || !part.path("text").isString()) {
                throw ApiError.wrong("messages", "A part of a message is no text; this server reads nothing else.");
            }
            text.append(part.path("text").stringValue());
        }
        if (!content.isArray()) {
            throw ApiError.wrong("messages", "A message's content is not a text.");
        }
        return text.toString();
    }

    Prompt prompt(Opened opened) {
        var tokenizer = opened.requireTokenizer();
        Template named = Template.named(template.orElse(opened.template()), tokenizer);
        return new Prompt(named.prompt(messages), "");
    }

    Scores scores() {
        return logprobs ? Scores.CHOSEN : Scores.NONE;
    }
}
