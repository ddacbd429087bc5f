package dev.cria.train;

import dev.cria.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The data of a resumed run beside those that its checkpoint was trained on, by their hashes. Other data at the same place
 * are refused; data that the request has put in their place are said.
 *
 * @param inputs of the run that resumes
 * @param settings with which it resumes
 */
public record InputChanges(Provenance saved, Map<String, String> inputs, Map<String, String> settings) {
    /** The names of the hashes of what a run never changes. */
    public static final String TOKENIZER = "the tokenizer";

    public static final String BASE = "the model that is tuned";

    /** @return a line for what has changed */
    List<String> check() {
        if (saved.inputs().isEmpty()) {
            return List.of();
        }
        refuseAnother(TOKENIZER, "tokenizer");
        refuseAnother(BASE, "model");
        List<String> different = different();
        if (different.isEmpty()) {
            return List.of();
        }
        String first = different.getFirst() + (different.size() > 1 ? ", and " + (different.size() - 1) + " more" : "");
        if (isNew("data.path") || isNew("data.files")) {
            return List.of("changed    the data: " + first);
        }
        String path = settings.containsKey("data.path") ? "data.path" : "data.files";
        throw new RequestException(
                "%s has changed since the checkpoint was written: %s".formatted(settings.get(path), first),
                "put the files back, or start a new run from the checkpoint: --init CHECKPOINT");
    }

    private boolean isNew(String key) {
        return settings.containsKey(key)
                && !Objects.equals(settings.get(key), saved.settings().get(key));
    }

    /** @param key of the configuration that names what has the hash */
    private void refuseAnother(String name, String key) {
        String before = saved.inputs().get(name);
        String now = inputs.get(name);
        if (before != null && now != null && !before.equals(now)) {
            String was = saved.settings().getOrDefault(key, "another");
            throw new RequestException(
                    "%s %s (sha256 %s…) is not the checkpoint's: %s (sha256 %s…)"
                            .formatted(key, settings.get(key), now.substring(0, 12), was, before.substring(0, 12)),
                    was.equals(settings.get(key)) ? "put it back, or start a new run" : "--set " + key + "=" + was);
        }
    }

    private List<String> different() {
        Set<String> names = new TreeSet<>(saved.inputs().keySet());
        names.addAll(inputs.keySet());
        names.removeAll(List.of(TOKENIZER, BASE));
        List<String> different = new ArrayList<>();
        for (String name : names) {
            String before = saved.inputs().get(name);
            String now = inputs.get(name);
            if (before == null) {
                different.add(name + " is new");
            } else if (now == null) {
                different.add(name + " is missing");
            } else if (!before.equals(now)) {
                different.add(
                        "%s has sha256 %s…, not %s…".formatted(name, now.substring(0, 12), before.substring(0, 12)));
            }
        }
        return different;
    }
}
