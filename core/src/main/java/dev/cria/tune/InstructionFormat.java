package dev.cria.tune;

import dev.cria.tune.Message.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The forms that rows of texts have, told by their fields. A field that is there is used or refused; others, such as an
 * id or a category, are no part of a form and are passed over.
 */
enum InstructionFormat {
    /** {@code messages} of {@code role} and {@code content}, as OpenAI's. */
    MESSAGES("messages") {
        @Override
        List<Message> messages(JsonNode row, String where) {
            return underSystem(row, where, MessageList.OPENAI.answered(row.path("messages"), where + ".messages"));
        }
    },
    /** {@code conversations} of {@code from} and {@code value}. */
    SHAREGPT("conversations") {
        @Override
        List<Message> messages(JsonNode row, String where) {
            JsonNode list = row.path("conversations");
            MessageList form = list.path(0).has("role") ? MessageList.OPENAI : MessageList.SHAREGPT;
            return underSystem(row, where, form.answered(list, where + ".conversations"));
        }
    },
    /** {@code instruction} and {@code output}, with {@code input}, {@code system} and {@code history}. */
    ALPACA("instruction", "output") {
        @Override
        List<Message> messages(JsonNode row, String where) {
            refuseMisspelt(row, where, Set.of("instruction", "input", "output", "system", "history"));
            List<Message> messages = new ArrayList<>(history(row.path("history"), where + ".history"));
            messages.add(Message.user(joined(text(row, "instruction", where), optional(row, "input", where))));
            messages.add(Message.assistant(text(row, "output", where)));
            return underSystem(row, where, messages);
        }
    },
    /** {@code instruction} and {@code response}, with {@code context}. */
    DOLLY("instruction", "response") {
        @Override
        List<Message> messages(JsonNode row, String where) {
            refuseMisspelt(row, where, Set.of("instruction", "context", "response"));
            String question = joined(text(row, "instruction", where), optional(row, "context", where));
            return List.of(Message.user(question), Message.assistant(text(row, "response", where)));
        }
    },
    /** {@code prompt} and {@code completion}, both texts or both lists of messages. */
    PROMPT_COMPLETION("prompt", "completion") {
        @Override
        List<Message> messages(JsonNode row, String where) {
            if (!row.path("prompt").isArray()) {
                return List.of(
                        Message.user(text(row, "prompt", where)), Message.assistant(text(row, "completion", where)));
            }
            List<Message> messages = new ArrayList<>(MessageList.OPENAI.read(row.path("prompt"), where + ".prompt"));
            messages.addAll(MessageList.OPENAI.answered(row.path("completion"), where + ".completion"));
            return messages;
        }
    };

    private final List<String> fields;

    InstructionFormat(String... fields) {
        this.fields = List.of(fields);
    }

    /** What is said, with an answer in it. */
    abstract List<Message> messages(JsonNode row, String where);

    /** What else a chat template is given: {@code tools}, {@code documents} and {@code chat_template_kwargs}. */
    Map<String, Object> variables(JsonNode row, String where) {
        Map<String, Object> variables = new LinkedHashMap<>();
        row.path("chat_template_kwargs").forEachEntry((key, value) -> variables.put(key, TemplateValues.of(value)));
        for (String name : List.of("tools", "documents")) {
            if (!isBlank(row.path(name))) {
                JsonNode list = MessageList.json(row.path(name), where + "." + name);
                if (!list.isArray()) {
                    throw InstructionRow.refuse(where + "." + name + " is " + row.path(name) + ", not a list");
                }
                variables.put(name, list.valueStream().map(this::tool).toList());
            }
        }
        return variables;
    }

    private static boolean isBlank(JsonNode node) {
        return MessageList.isNone(node) || node.isString() && node.stringValue().isBlank();
    }

    /** ShareGPT's files name functions alone, where chat templates know tools of type function. */
    private Object tool(JsonNode tool) {
        boolean alone = this == SHAREGPT && tool.has("name") && !tool.has("function");
        Object function = TemplateValues.of(tool);
        return alone ? MessageList.typed(function) : function;
    }

    static Optional<InstructionFormat> of(JsonNode row) {
        return Arrays.stream(values())
                .filter(format -> format.fields.stream().allMatch(row::has))
                .findFirst();
    }

    /** The form of a row, as a person knows it. */
    static String name(JsonNode row) {
        return of(row).map(format -> format.name().toLowerCase(Locale.ROOT).replace('_', '/'))
                .orElse("input_ids");
    }

    /** The fields by which forms are told. */
    static String fields() {
        return Arrays.stream(values())
                .map(format -> String.join(" and ", format.fields))
                .collect(Collectors.joining(", "));
    }

    /** Which fields a row has instead. */
    static String near(JsonNode row) {
        return row.isObject() ? "; it has " + String.join(", ", row.propertyNames()) : "";
    }

    /** A plural or another case of a field is meant as that field. */
    private static void refuseMisspelt(JsonNode row, String where, Set<String> known) {
        for (String name : row.propertyNames()) {
            String plain = name.strip().toLowerCase(Locale.ROOT).replaceFirst("s$", "");
            if (!known.contains(name) && known.contains(plain)) {
                throw InstructionRow.refuse(where + " has " + name + " where " + plain + " is a field of such rows");
            }
        }
    }

    private static String joined(String instruction, Optional<String> input) {
        return input.map(more -> instruction + "\n" + more).orElse(instruction);
    }

    private static List<Message> history(JsonNode turns, String where) {
        if (!turns.isMissingNode() && !turns.isNull() && !turns.isArray()) {
            throw InstructionRow.refuse(where + " is " + turns + ", not a list of questions with their answers");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < turns.size(); i++) {
            JsonNode turn = turns.path(i);
            if (turn.size() != 2 || !turn.path(0).isString() || !turn.path(1).isString()) {
                throw InstructionRow.refuse(where + "[" + i + "] is " + turn + ", not a question and its answer");
            }
            messages.add(Message.user(turn.path(0).stringValue()));
            messages.add(Message.assistant(turn.path(1).stringValue()));
        }
        return messages;
    }

    /** Messages after what the row's own field {@code system} says, where it has one. */
    private static List<Message> underSystem(JsonNode row, String where, List<Message> messages) {
        Optional<String> words = optional(row, "system", where);
        if (words.isEmpty()) {
            return messages;
        }
        if (messages.stream().anyMatch(m -> m.role() == Role.SYSTEM)) {
            throw InstructionRow.refuse(where + ".system is set, and a message of the system is there too");
        }
        List<Message> all = new ArrayList<>(List.of(new Message(Role.SYSTEM, words.get())));
        all.addAll(messages);
        return all;
    }

    /** A text that may be absent, null or empty. */
    private static Optional<String> optional(JsonNode row, String key, String where) {
        boolean absent = row.path(key).isMissingNode() || row.path(key).isNull();
        return absent ? Optional.empty() : Optional.of(text(row, key, where)).filter(t -> !t.isEmpty());
    }

    static String text(JsonNode node, String key, String where) {
        if (!node.path(key).isString()) {
            throw InstructionRow.refuse(where + "." + key + " is " + node.path(key) + ", not a text");
        }
        return node.path(key).stringValue();
    }
}
