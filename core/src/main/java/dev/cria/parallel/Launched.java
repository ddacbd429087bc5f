package dev.cria.parallel;

import java.util.Map;

/**
 * How this process was started.
 *
 * @param restarts how often the same command was started before, after a failure
 */
public record Launched(Parent parent, int restarts) {
    /** Set for the ranks that {@code cria launch} starts. */
    static final String BY_LAUNCHER = "CRIA_LAUNCHED";

    /** The name that torchrun uses. */
    static final String RESTARTS = "TORCHELASTIC_RESTART_COUNT";

    private static final String SLURM_RESTARTS = "SLURM_RESTART_COUNT";

    /** Who started it. */
    public enum Parent {
        LAUNCHER,
        ANYONE
    }

    /** What the environment variables of {@code cria launch}, torchrun and Slurm say. */
    public static Launched from(Map<String, String> environment) {
        Parent parent = environment.containsKey(BY_LAUNCHER) ? Parent.LAUNCHER : Parent.ANYONE;
        return new Launched(parent, Math.max(count(environment, RESTARTS), count(environment, SLURM_RESTARTS)));
    }

    private static int count(Map<String, String> environment, String name) {
        String text = environment.getOrDefault(name, "0");
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    }
}
