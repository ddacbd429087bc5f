package dev.cria.tune;

import java.util.Locale;

/** What one side of a conversation says. */
public record Message(Role role, String content) {

    /** The sides. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT;

        /** As files and chat templates have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static Message user(String content) {
        return new Message(Role.USER, content);
    }

    public static Message assistant(String content) {
        return new Message(Role.ASSISTANT, content);
    }
}
