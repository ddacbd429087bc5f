package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubSettings;
import java.nio.file.Path;

/** The hub as the environment's variables describe it. */
final class HubAccess {
    private HubAccess() {}

    static Hub open(Progress progress) {
        return new Hub(HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home"))), progress);
    }
}
