package dev.cria.format.hub;

import dev.cria.RequestException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place on the hub, such as {@code hf://datasets/HuggingFaceFW/fineweb-edu@main/sample/10BT}.
 *
 * @param kind datasets or models
 * @param repository OWNER/NAME
 * @param revision a branch, tag or commit; main unless given
 * @param folder within the repository; empty for all of it
 */
public record HubAddress(Kind kind, String repository, String revision, String folder) {
    private static final Pattern FORM =
            Pattern.compile("hf://datasets/([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)(?:@([A-Za-z0-9._-]+))?(?:/(.*?))?/?");

    /** What kind of repository. */
    public enum Kind {
        DATASETS,
        MODELS;

        /** The word in addresses and cache folders. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether a text means a place on the hub. */
    public static boolean isOne(String text) {
        return text.startsWith("hf://");
    }

    /** Takes an address apart. */
    public static HubAddress parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new RequestException(
                    text + " is no address of a data set on the hub",
                    "hf://datasets/OWNER/NAME or hf://datasets/OWNER/NAME/SUBDIR");
        }
        String revision = matcher.group(2) == null ? "main" : matcher.group(2);
        String folder = matcher.group(3) == null ? "" : matcher.group(3);
        return new HubAddress(Kind.DATASETS, matcher.group(1), revision, folder);
    }

    /** The repository's folder in the cache. */
    String cacheFolder() {
        return kind.word() + "--" + repository.replace("/", "--");
    }

    @Override
    public String toString() {
        return "hf://" + kind.word() + "/" + repository + "@" + revision + (folder.isEmpty() ? "" : "/" + folder);
    }
}
