package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.tune.Message.Role;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A row of instruction data, as one of the forms that files have. */
sealed interface InstructionRow {

    /**
     * Texts, for a template to put together; the last message is an answer.
     *
     * @param variables what else a chat template is given
     * @param goesOn whether more was said after the last answer, which is left out
     * @param where file and row, for messages
     */
    record Conversation(List<Message> messages, Map<String, Object> variables, boolean goesOn, String where)
            implements InstructionRow {
        private static Conversation of(List<Message> all, Map<String, Object> variables, String where) {
            int end = all.size();
            while (all.get(end - 1).role() != Role.ASSISTANT) {
                end--;
            }
            return new Conversation(List.copyOf(all.subList(0, end)), variables, end < all.size(), where);
        }

        private boolean isAnswered() {
            return messages.getLast().calls() || !messages.getLast().content().isBlank();
        }
    }

    /** Token ids, which need neither template nor tokenizer. */
    record Tokenized(Example example, boolean labelled) implements InstructionRow {}

    /** A conversation whose last answer is empty, from which nothing is learned. */
    record Unanswered() implements InstructionRow {}

    /** Reads a row in the form that its fields show; {@code where} is file and row, for messages. */
    static InstructionRow of(JsonNode row, String where) {
        if (row.has("input_ids")) {
            return tokenized(row, where);
        }
        InstructionFormat format = InstructionFormat.of(row)
                .orElseThrow(() -> refuse(where + " has none of " + InstructionFormat.fields() + ", input_ids"
                        + InstructionFormat.near(row)));
        var conversation = Conversation.of(format.messages(row, where), format.variables(row, where), where);
        return conversation.isAnswered() ? conversation : new Unanswered();
    }

    private static Tokenized tokenized(JsonNode row, String where) {
        int[] ids = numbers(row.path("input_ids"), where + ".input_ids");
        boolean labelled = row.has("labels");
        int[] labels = labelled ? numbers(row.path("labels"), where + ".labels") : ids;
        if (labels.length != ids.length) {
            throw refuse(where + " has " + ids.length + " input_ids and " + labels.length + " labels");
        }
        return new Tokenized(new Example(ids, labels), labelled);
    }

    private static int[] numbers(JsonNode list, String where) {
        if (!list.isArray() || !list.valueStream().allMatch(JsonNode::canConvertToInt)) {
            throw refuse(where + " is not a list of token ids");
        }
        return list.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    static RequestException refuse(String problem) {
        return new RequestException(
                problem,
                "{\"instruction\": \"…\", \"input\": \"\", \"output\": \"…\"} is a row; docs/tuning.md has the others");
    }
}
