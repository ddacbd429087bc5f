package dev.cria.tune;

import dev.cria.template.Jinja;
import dev.cria.tune.Message.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a list of messages is written: OpenAI's of {@code role} and {@code content}, or ShareGPT's of {@code from} and
 * {@code value}. Either may hold calls of tools. A message's other fields are the template's to use, as in transformers.
 *
 * @param role the field that says who speaks
 * @param content the field that says what
 */
record MessageList(String role, String content) {
    static final MessageList OPENAI = new MessageList("role", "content");
    static final MessageList SHAREGPT = new MessageList("from", "value");

    private static final JsonMapper JSON = new JsonMapper();

    /** The messages of a list, which must hold an answer. */
    List<Message> answered(JsonNode list, String where) {
        List<Message> messages = read(list, where);
        if (messages.stream().noneMatch(m -> m.role() == Role.ASSISTANT)) {
            throw InstructionRow.refuse(where + " holds no answer of the assistant");
        }
        return messages;
    }

    List<Message> read(JsonNode list, String where) {
        if (!list.isArray()) {
            throw InstructionRow.refuse(where + " is " + list + ", not a list of messages");
        }
        List<Message> messages = new ArrayList<>();
        for (JsonNode entry : list) {
            messages.add(message(entry, where + "[" + messages.size() + "]"));
        }
        return messages;
    }

    private Message message(JsonNode entry, String where) {
        String speaker = InstructionFormat.text(entry, role, where);
        if (speaker.equalsIgnoreCase("function_call")) {
            JsonNode calls = json(entry.path(content), where + "." + content);
            return new Message(Role.ASSISTANT, "", Map.of(Message.CALLS, calls(calls, where + "." + content)));
        }
        Role said = role(speaker, where + "." + role);
        Map<String, Object> fields = new LinkedHashMap<>();
        entry.forEachEntry((key, value) -> {
            if (key.equals(content)) {
                fields.put("content", "");
            } else if (!key.equals(role) && !isNone(value)) {
                fields.put(key, TemplateValues.of(value));
            }
        });
        requireLearned(entry, where);
        calls(entry, said, where).ifPresent(calls -> fields.put(Message.CALLS, calls));
        fields.remove("function_call");
        return new Message(said, content(entry, fields, where), fields);
    }

    /** A message of a weight of 0 is not to be learned, which is not done here. */
    private static void requireLearned(JsonNode entry, String where) {
        JsonNode weight = entry.path("weight");
        if (!isNone(weight) && !(weight.isNumber() && weight.doubleValue() == 1)) {
            throw InstructionRow.refuse(where + ".weight is " + weight + ", and every answer has the weight 1 here");
        }
    }

    /** What is said; a call may be without. */
    private String content(JsonNode entry, Map<String, Object> fields, String where) {
        JsonNode said = entry.path(content);
        boolean none = said.isMissingNode() || said.isNull();
        if (none && fields.containsKey(Message.CALLS)) {
            if (said.isNull()) {
                fields.put("content", Jinja.NONE);
            }
            return "";
        }
        String text =
                said.isArray() ? parts(said, where + "." + content) : InstructionFormat.text(entry, content, where);
        fields.put("content", text);
        return text;
    }

    /** Parts that are all texts. */
    private static String parts(JsonNode parts, String where) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            JsonNode part = parts.path(i);
            if (!part.path("type").asString("").equals("text")
                    || !part.path("text").isString()) {
                throw InstructionRow.refuse(where + "[" + i + "] is " + part + ", not a part of type text");
            }
            text.append(part.path("text").stringValue());
        }
        return text.toString();
    }

    /** OpenAI's calls as they are; the one call of its older form as the newer has it. */
    private static Optional<List<Object>> calls(JsonNode entry, Role said, String where) {
        JsonNode calls = entry.path(Message.CALLS);
        JsonNode call = entry.path("function_call");
        if (isNone(calls) && isNone(call)) {
            return Optional.empty();
        }
        if (said != Role.ASSISTANT) {
            throw InstructionRow.refuse(where + " calls a tool, and it is not the assistant's");
        }
        if (isNone(calls)) {
            return Optional.of(calls(call, where + ".function_call"));
        }
        if (!calls.isArray() || !calls.valueStream().allMatch(JsonNode::isObject)) {
            throw InstructionRow.refuse(where + "." + Message.CALLS + " is " + calls + ", not a list of calls");
        }
        return Optional.of(calls.valueStream().map(TemplateValues::of).toList());
    }

    /** A name with arguments, or several, as chat templates know calls. */
    private static List<Object> calls(JsonNode oneOrMore, String where) {
        List<Object> calls = new ArrayList<>();
        for (JsonNode call : oneOrMore.isArray() ? oneOrMore : List.of(oneOrMore)) {
            if (!call.path("name").isString()) {
                throw InstructionRow.refuse(where + " is " + call + ", not a name with arguments");
            }
            Map<String, Object> function = new LinkedHashMap<>();
            function.put("name", call.path("name").stringValue());
            function.put("arguments", TemplateValues.of(json(call.path("arguments"), where + ".arguments")));
            calls.add(typed(function));
        }
        return calls;
    }

    /** A function, or a call of one, as the tool that it is. */
    static Map<String, Object> typed(Object function) {
        Map<String, Object> typed = new LinkedHashMap<>();
        typed.put("type", "function");
        typed.put("function", function);
        return typed;
    }

    /** JSON that may be written as a text. */
    static JsonNode json(JsonNode node, String where) {
        if (!node.isString()) {
            return node;
        }
        try {
            return JSON.readTree(node.stringValue());
        } catch (JacksonException e) {
            throw InstructionRow.refuse(where + " is " + node + ", not JSON");
        }
    }

    /** Whether a field is as good as absent: tables have a field of every row's in all rows. */
    static boolean isNone(JsonNode node) {
        return node.isMissingNode() || node.isNull() || node.isContainer() && node.isEmpty();
    }

    private static Role role(String word, String where) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "system", "developer" -> Role.SYSTEM;
            case "user", "human" -> Role.USER;
            case "assistant", "gpt", "model", "chatgpt", "bot" -> Role.ASSISTANT;
            case "tool", "function", "observation", "ipython" -> Role.TOOL;
            default -> throw InstructionRow.refuse(where + " is " + word + ", not system, user, assistant or tool");
        };
    }
}
