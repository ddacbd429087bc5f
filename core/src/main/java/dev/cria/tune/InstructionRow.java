package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.tune.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A row of instruction data, as one of the forms that files have. */
sealed interface InstructionRow {

    /** Texts, for a template to put together. */
    record Conversation(List<Message> messages) implements InstructionRow {}

    /** Token ids, which need neither template nor tokenizer. */
    record Tokenized(Example example, boolean labelled) implements InstructionRow {}

    /**
     * Reads alpaca's {@code instruction, input, output}, chat {@code messages}, or {@code input_ids, labels}.
     *
     * @param where file and row, for messages
     */
    static InstructionRow of(JsonNode row, String where) {
        if (row.has("input_ids")) {
            int[] ids = numbers(row.path("input_ids"), where + ".input_ids");
            boolean labelled = row.has("labels");
            int[] labels = labelled ? numbers(row.path("labels"), where + ".labels") : ids;
            if (labels.length != ids.length) {
                throw refuse(where + " has " + ids.length + " input_ids and " + labels.length + " labels");
            }
            return new Tokenized(new Example(ids, labels), labelled);
        }
        if (row.has("messages")) {
            return new Conversation(messages(row.path("messages"), where + ".messages"));
        }
        if (row.has("instruction") && row.has("output")) {
            String instruction = text(row, "instruction", where);
            String input = row.path("input").isNull() ? "" : row.path("input").asString("");
            String user = input.isEmpty() ? instruction : instruction + "\n" + input;
            return new Conversation(List.of(Message.user(user), Message.assistant(text(row, "output", where))));
        }
        throw refuse(where + " has none of instruction and output, messages, input_ids");
    }

    private static int[] numbers(JsonNode list, String where) {
        if (!list.isArray() || !list.valueStream().allMatch(JsonNode::canConvertToInt)) {
            throw refuse(where + " is no list of token ids");
        }
        return list.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    private static List<Message> messages(JsonNode list, String where) {
        List<Message> messages = new ArrayList<>();
        for (JsonNode entry : list) {
            String at = where + "[" + messages.size() + "]";
            messages.add(new Message(role(text(entry, "role", at), at), text(entry, "content", at)));
        }
        if (messages.stream().noneMatch(m -> m.role() == Role.ASSISTANT)) {
            throw refuse(where + " holds no answer of the assistant");
        }
        while (messages.getLast().role() != Role.ASSISTANT) {
            messages.removeLast();
        }
        return messages;
    }

    private static Role role(String word, String where) {
        for (Role role : Role.values()) {
            if (role.word().equals(word.toLowerCase(Locale.ROOT))) {
                return role;
            }
        }
        throw refuse(where + ".role is " + word + ", not system, user or assistant");
    }

    private static String text(JsonNode node, String key, String where) {
        if (!node.path(key).isString()) {
            throw refuse(where + "." + key + " is " + node.path(key) + ", not a text");
        }
        return node.path(key).stringValue();
    }

    private static RequestException refuse(String problem) {
        return new RequestException(
                problem,
                "{\"instruction\": \"…\", \"input\": \"\", \"output\": \"…\"} is a row; docs/tuning.md has the others");
    }
}
