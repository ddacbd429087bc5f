package dev.cria.weights;

import dev.cria.RequestException;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Brings a model, or an adapter, of the hub into its cache: the files that are read here, and none besides. */
public final class HubModel {
    private static final String WEIGHTS = ".safetensors";
    private static final String GGUF = ".gguf";

    /** Weights of other frameworks, copies in other types and folders of checkpoints stay where they are. */
    private static final Pattern READ = Pattern.compile(
            "(?:config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab"
                    + "|adapter_config)\\.json|tokenizer\\.model|merges\\.txt|chat_template\\.jinja"
                    + "|(?:adapter_)?model(?:-\\d+-of-\\d+)?\\.safetensors(?:\\.index\\.json)?");

    private HubModel() {}

    /**
     * The directory in the cache that holds a model's files, or the one file that the address names.
     *
     * @throws RequestException if it has no weights that can be read
     */
    public static Path fetch(Hub hub, HubAddress address) {
        if (address.isFile()) {
            return hub.fetch(address, address.folder()::equals).getFirst().path();
        }
        Set<String> ggufs = new TreeSet<>();
        List<Hub.Cached> files = files(hub, address, ggufs);
        if (files.stream().noneMatch(file -> file.name().endsWith(WEIGHTS))) {
            throw new RequestException(
                    address + " has no weights in safetensors",
                    ggufs.isEmpty()
                            ? "name a revision that has them, or load it in transformers and save_pretrained(DIR)"
                            : "name one of its GGUF files: "
                                    + String.join(
                                            ", ",
                                            ggufs.stream()
                                                    .map(file -> address + "/" + file)
                                                    .toList()));
        }
        return Objects.requireNonNull(files.getFirst().path().getParent(), "a cached file lies in a folder");
    }

    /** @param ggufs takes the names of the GGUF files that lie beside */
    private static List<Hub.Cached> files(Hub hub, HubAddress address, Set<String> ggufs) {
        try {
            return hub.fetch(address, path -> {
                if (path.endsWith(GGUF)) {
                    ggufs.add(path);
                }
                return READ.matcher(path).matches();
            });
        } catch (RequestException e) {
            if (ggufs.isEmpty()) {
                throw e;
            }
            return List.of();
        }
    }
}
