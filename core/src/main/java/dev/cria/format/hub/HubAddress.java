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
 * @param folder within the repository, or a file of it; empty for all of it
 */
public record HubAddress(Kind kind, String repository, String revision, String folder) {
    private static final String REPOSITORY = "([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)(?:@([A-Za-z0-9._-]+))?";
    private static final Pattern DATA_SET = Pattern.compile("hf://datasets/" + REPOSITORY + "(?:/(.*?))?/?");
    private static final Pattern MODEL =
            Pattern.compile("hf://(?!datasets/)(?:models/)?" + REPOSITORY + "(?:/(.+\\.gguf))?/?");

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

    /** Takes a model's address apart, such as {@code hf://OWNER/MODEL@step-1000} or {@code hf://OWNER/MODEL/FILE.gguf}. */
    public static HubAddress ofModel(String text) {
        Matcher matcher = MODEL.matcher(text);
        if (!matcher.matches()) {
            throw new RequestException(
                    text + " is not an address of a model on the hub",
                    "hf://OWNER/MODEL or hf://OWNER/MODEL@REVISION, and /FILE.gguf behind either");
        }
        String revision = matcher.group(2) == null ? "main" : matcher.group(2);
        String file = matcher.group(3) == null ? "" : matcher.group(3);
        return new HubAddress(Kind.MODELS, matcher.group(1), revision, file);
    }

    /** Takes a data set's address apart. */
    public static HubAddress parse(String text) {
        Matcher matcher = DATA_SET.matcher(text);
        if (!matcher.matches()) {
            throw new RequestException(
                    text + " is not an address of a data set on the hub",
                    "hf://datasets/OWNER/NAME or hf://datasets/OWNER/NAME/SUBDIR");
        }
        String revision = matcher.group(2) == null ? "main" : matcher.group(2);
        String folder = matcher.group(3) == null ? "" : matcher.group(3);
        return new HubAddress(Kind.DATASETS, matcher.group(1), revision, folder);
    }

    /** Whether one file is meant. */
    public boolean isFile() {
        return kind == Kind.MODELS && !folder.isEmpty();
    }

    /** The repository's folder in the cache. */
    String cacheFolder() {
        return kind.word() + "--" + repository.replace("/", "--");
    }

    /** The repository as pages and files of the hub have it; models stand at the top. */
    String page() {
        return kind == Kind.MODELS ? repository : kind.word() + "/" + repository;
    }

    @Override
    public String toString() {
        return "hf://" + page() + "@" + revision + (folder.isEmpty() ? "" : "/" + folder);
    }
}
