package dev.cria.run;

import dev.cria.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Tells of a trouble that lasts: at once, and then once a minute for as long as it does. */
public final class RepeatedWarning {
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final Progress progress;
    private final InstantSource clock;
    private Instant next = Instant.MIN;

    public RepeatedWarning(Progress progress, InstantSource clock) {
        this.progress = progress;
        this.clock = clock;
    }

    public synchronized void say(String trouble) {
        Instant now = clock.instant();
        if (!now.isBefore(next)) {
            progress.say("warning: " + trouble);
            next = now.plus(PAUSE);
        }
    }
}
