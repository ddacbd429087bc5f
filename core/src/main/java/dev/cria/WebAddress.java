package dev.cria;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * An address of the web, as a user or a server gives it. What stands before an {@code @} is a secret and is kept apart, so
 * that the address can be told.
 *
 * @param uri with http or https, a host, and without user and password
 * @param authorization the header's value that user and password make
 */
public record WebAddress(URI uri, Optional<String> authorization) {

    /**
     * The address that a setting names.
     *
     * @param setting such as {@code HF_ENDPOINT}
     * @param example what would be right
     */
    public static WebAddress ofSetting(String setting, String text, String example) {
        return parse(text.strip())
                .orElseThrow(() -> new RequestException(
                        setting + " is " + text.strip().replaceFirst("^.*@", "***@")
                                + ", not an address with http:// or https:// and a host",
                        setting + "=" + example));
    }

    /** The address that a server refers to, seen from another one; empty if it is none that may be asked. */
    public static Optional<URI> referredTo(URI from, String reference) {
        try {
            return parse(from.resolve(new URI(reference.strip())).toString()).map(WebAddress::uri);
        } catch (URISyntaxException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /**
     * The value of the header that carries a token.
     *
     * @throws RequestException if it cannot stand in a header, without telling it
     */
    public static String bearer(String setting, String token) {
        String plain = token.strip();
        if (!plain.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new RequestException(
                    setting + " has a character that no key has, such as a blank or a line's end within it",
                    "export " + setting + "=… with the key alone");
        }
        return "Bearer " + plain;
    }

    private static Optional<WebAddress> parse(String text) {
        try {
            URI given = new URI(text);
            String scheme = String.valueOf(given.getScheme()).toLowerCase(Locale.ROOT);
            boolean web = (scheme.equals("http") || scheme.equals("https")) && given.getHost() != null;
            if (!web || given.getPort() > 65_535) {
                return Optional.empty();
            }
            String user = given.getRawUserInfo();
            if (user == null) {
                return Optional.of(new WebAddress(given, Optional.empty()));
            }
            URI plain = new URI(text.replaceFirst("//[^/?#]*@", "//"));
            String decoded = given.getUserInfo();
            byte[] bytes = decoded.getBytes(StandardCharsets.UTF_8);
            return Optional.of(new WebAddress(
                    plain, Optional.of("Basic " + Base64.getEncoder().encodeToString(bytes))));
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }
}
