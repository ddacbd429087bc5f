package dev.cria.serve;

import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who may come in. A key where there is one; no page of another origin; and on loopback no name but this machine's, so
 * that a page cannot reach the server by a name of its own that it lets point here.
 */
record Gate(ServeOptions options) {
    private static final int MOST_HEADERS = 100;
    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");

    /** @param open whether the path needs no key */
    void check(ServerRequestHeaders headers, boolean open) {
        if (headers.size() > MOST_HEADERS) {
            throw ApiError.tooManyHeaders();
        }
        String host = headers.first(HeaderNames.HOST).orElse("").toLowerCase(Locale.ROOT);
        if (options.isLoopback() && !isLocal(host)) {
            throw ApiError.forbidden("This server answers to localhost alone.");
        }
        Optional<String> origin = headers.first(HeaderNames.ORIGIN);
        if (origin.isPresent()
                && !origin.get()
                        .toLowerCase(Locale.ROOT)
                        .replaceFirst("^https?://", "")
                        .equals(host)) {
            throw ApiError.forbidden("Pages of other origins may not ask.");
        }
        if (!open
                && options.apiKey().isPresent()
                && !hasKey(headers, options.apiKey().get())) {
            throw ApiError.noKey();
        }
    }

    private boolean isLocal(String host) {
        String name = host.replaceFirst(":\\d+$", "");
        return LOCAL.contains(name) || name.equals(options.host().toLowerCase(Locale.ROOT));
    }

    /** In a time that does not tell how much of the key is right. */
    private static boolean hasKey(ServerRequestHeaders headers, String key) {
        byte[] given = headers.first(HeaderNames.AUTHORIZATION).orElse("").getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(given, ("Bearer " + key).getBytes(StandardCharsets.UTF_8));
    }
}
