package dev.cria.format.hub;

import dev.cria.WebAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where the hub is, where its files are kept and how patient to be.
 *
 * @param authorization the header's value, from HF_TOKEN or the endpoint's user and password; sent to the endpoint, and to no other host that it sends us on to
 * @param cache the hub's own cache folder, {@code ~/.cache/huggingface/hub}
 * @param pieceBytes how much one request asks for
 * @param parallel how many requests at once
 * @param attempts how often one request is tried
 * @param patience how long a server may be silent, before its answer and within it
 * @param firstPause before the second attempt; doubles with each, unless the server says how long
 * @param longestPause no pause is longer, whatever the server says
 */
public record HubSettings(
        URI endpoint,
        Optional<String> authorization,
        Path cache,
        Mode mode,
        long pieceBytes,
        int parallel,
        int attempts,
        Duration patience,
        Duration firstPause,
        Duration longestPause) {
    private static final long PIECE_BYTES = 32L << 20;
    private static final int PARALLEL = 8;
    private static final int ATTEMPTS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** Whether the network may be used. */
    public enum Mode {
        ONLINE,
        /** Only what the cache has. */
        OFFLINE
    }

    /**
     * The settings of the hub's own environment variables: HF_ENDPOINT, HF_TOKEN, HF_HUB_CACHE or HF_HOME, and
     * HF_HUB_OFFLINE.
     */
    public static HubSettings of(Map<String, String> environment, Path home) {
        Path hubHome =
                folder(environment, "HF_HOME", home, home.resolve(".cache").resolve("huggingface"));
        String offline = environment.getOrDefault("HF_HUB_OFFLINE", "");
        WebAddress endpoint = WebAddress.ofSetting(
                "HF_ENDPOINT",
                set(environment, "HF_ENDPOINT").orElse("https://huggingface.co"),
                "https://huggingface.co");
        return new HubSettings(
                endpoint.uri(),
                set(environment, "HF_TOKEN")
                        .map(token -> WebAddress.bearer("HF_TOKEN", token))
                        .or(endpoint::authorization),
                folder(environment, "HF_HUB_CACHE", home, hubHome.resolve("hub")),
                offline.isEmpty() || offline.equals("0") ? Mode.ONLINE : Mode.OFFLINE,
                PIECE_BYTES,
                PARALLEL,
                ATTEMPTS,
                PATIENCE,
                FIRST_PAUSE,
                LONGEST_PAUSE);
    }

    private static Optional<String> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** A folder without detours, since what lies in it is told by its beginning. */
    private static Path folder(Map<String, String> environment, String name, Path home, Path otherwise) {
        Path given = set(environment, name)
                .map(text -> text.startsWith("~/") ? home.resolve(text.substring(2)) : Path.of(text))
                .orElse(otherwise);
        return given.toAbsolutePath().normalize();
    }
}
