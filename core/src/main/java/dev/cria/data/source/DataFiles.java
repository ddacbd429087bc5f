package dev.cria.data.source;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which files of a directory are its data. The same rule for directories of this machine, of the hub and of a cluster; a
 * file that is named by itself, or by a glob, is read whatever it is called.
 */
public final class DataFiles {
    /** What the Hugging Face hub's tools write beside the data. */
    private static final Set<String> DESCRIPTIONS =
            Set.of("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "croissant.json");

    private static final Pattern ABOUT = Pattern.compile(
            "(readme|license|licence|copying|notice|changelog|changes|contributing|citation|authors)([._-].*)?");

    private DataFiles() {}

    /**
     * Why a file of a directory is passed over; empty where it is data.
     *
     * @param path within the directory, its parts separated by slashes
     */
    public static Optional<String> passedOver(String path) {
        String[] parts = path.split("/");
        for (String part : parts) {
            if (part.startsWith(".") || part.startsWith("_")) {
                return Optional.of("hidden");
            }
        }
        String name = parts[parts.length - 1].toLowerCase(Locale.ROOT);
        Optional<InputFormat> format = InputFormat.of(name);
        if (name.endsWith(".md") || format.orElse(InputFormat.TEXT) == InputFormat.TEXT && isAbout(name)) {
            return Optional.of("about the data");
        }
        if (DESCRIPTIONS.contains(name)) {
            return Optional.of("describes the data");
        }
        return format.isPresent() ? Optional.empty() : Optional.of("unknown ending");
    }

    private static boolean isAbout(String name) {
        return ABOUT.matcher(name).matches();
    }
}
