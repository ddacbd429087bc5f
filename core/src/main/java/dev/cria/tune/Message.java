package dev.cria.tune;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What one side of a conversation says.
 *
 * @param content the text, empty where there is only a call of a tool
 * @param fields what a chat template sees of it beside its role: the content, where the row has one, calls and the rest
 */
public record Message(Role role, String content, Map<String, Object> fields) {
    /** The calls of tools among the fields. */
    static final String CALLS = "tool_calls";

    /** The sides; a tool is one that was called by the assistant. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT,
        TOOL;

        /** As files and chat templates have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Message {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    public Message(Role role, String content) {
        this(role, content, Map.of("content", content));
    }

    public static Message user(String content) {
        return new Message(Role.USER, content);
    }

    public static Message assistant(String content) {
        return new Message(Role.ASSISTANT, content);
    }

    boolean calls() {
        return fields.containsKey(CALLS);
    }
}
