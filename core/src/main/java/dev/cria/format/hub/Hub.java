package dev.cria.format.hub;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Brings files of the hub into the cache and tells where they lie. */
public final class Hub {
    private static final JsonMapper JSON = new JsonMapper();

    private final HubSettings settings;
    private final Progress progress;

    /**
     * A file in the cache.
     *
     * @param name its address on the hub, the same on every machine
     */
    public record Cached(String name, Path path) {}

    public Hub(HubSettings settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Downloads what the cache does not have of an address.
     *
     * @param wanted which files, by their path in the repository
     * @return the files in the cache, in the order of their paths
     * @throws RequestException if there is none, or without network none in the cache
     */
    public List<Cached> fetch(HubAddress address, Predicate<String> wanted) {
        HubCache cache = HubCache.of(address, settings);
        if (settings.mode() == HubSettings.Mode.OFFLINE) {
            return cached(cache, wanted);
        }
        try (HubHttp http = new HubHttp(settings)) {
            String commit = commit(http, address);
            List<HubFile> files = list(http, address, commit).stream()
                    .filter(f -> wanted.test(f.path()))
                    .sorted(Comparator.comparing(HubFile::path))
                    .toList();
            if (files.isEmpty()) {
                throw new RequestException(address + " has no file that can be read", "look at " + settings.endpoint());
            }
            download(http, cache, commit, files);
            cache.remember(commit);
            return files.stream()
                    .map(f -> new Cached(name(address, commit, f.path()), cache.link(commit, f)))
                    .toList();
        }
    }

    private static String name(HubAddress address, String commit, String path) {
        return "hf://" + address.kind().word() + "/" + address.repository() + "@" + commit + "/" + path;
    }

    private List<Cached> cached(HubCache cache, Predicate<String> wanted) {
        String commit = cache.commit().orElse("");
        List<Cached> files = commit.isEmpty()
                ? List.of()
                : cache.files(commit).stream()
                        .map(f -> new Cached(name(cache.address(), commit, cache.pathInRepository(commit, f)), f))
                        .filter(f -> wanted.test(f.name()))
                        .toList();
        if (files.isEmpty()) {
            throw new RequestException(
                    cache.address() + " is not in the cache " + settings.cache() + ", and HF_HUB_OFFLINE is set",
                    "fetch it once with the network: HF_HUB_OFFLINE=0");
        }
        return files;
    }

    private String commit(HubHttp http, HubAddress address) {
        URI about = api(address, "revision/" + encode(address.revision()));
        JsonNode sha = tree(about, http.json(about).json()).path("sha");
        if (!sha.isString() || !sha.asString().matches("[0-9a-f]{40}")) {
            throw new WorkException(about + " names no commit", "is HF_ENDPOINT a hub?");
        }
        return sha.asString();
    }

    private List<HubFile> list(HubHttp http, HubAddress address, String commit) {
        List<HubFile> files = new ArrayList<>();
        String folder = address.folder().isEmpty() ? "" : "/" + encodePath(address.folder());
        Optional<URI> page = Optional.of(api(address, "tree/" + commit + folder + "?recursive=true"));
        while (page.isPresent()) {
            HubHttp.Page answer = http.json(page.get());
            for (JsonNode entry : tree(page.get(), answer.json())) {
                if (entry.path("type").asString("").equals("file")) {
                    files.add(file(page.get(), entry));
                }
            }
            page = answer.next();
        }
        return files;
    }

    private static HubFile file(URI page, JsonNode entry) {
        JsonNode lfs = entry.path("lfs");
        String blob = lfs.isObject()
                ? lfs.path("oid").asString("")
                : entry.path("oid").asString("");
        long bytes = entry.path("size").asLong(-1);
        if (!blob.matches("[0-9a-f]{40,64}") || bytes < 0) {
            throw new WorkException(page + " lists a file without size or content hash", "is HF_ENDPOINT a hub?");
        }
        return new HubFile(
                entry.path("path").asString(), bytes, blob, lfs.isObject() ? Optional.of(blob) : Optional.empty());
    }

    private static JsonNode tree(URI address, String json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            throw new WorkException(
                    address + " answers with what is no JSON: " + e.getOriginalMessage(), "try again later", e);
        }
    }

    private void download(HubHttp http, HubCache cache, String commit, List<HubFile> files) {
        List<HubFile> missing =
                files.stream().filter(f -> !Files.exists(cache.blob(f))).toList();
        if (missing.isEmpty()) {
            return;
        }
        long bytes = missing.stream().mapToLong(HubFile::bytes).sum();
        try (Progress.Task task = progress.begin("download", "bytes", bytes)) {
            Files.createDirectories(cache.folder().resolve("blobs"));
            for (HubFile file : missing) {
                task.note(file.path());
                URI address = settings.endpoint()
                        .resolve("/" + cache.address().kind().word() + "/"
                                + cache.address().repository() + "/resolve/" + commit + "/"
                                + encodePath(file.path()));
                new Download(http, settings, address, file, cache.blob(file), task).run();
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(cache.folder(), e);
        }
    }

    private URI api(HubAddress address, String rest) {
        return settings.endpoint().resolve("/api/" + address.kind().word() + "/" + address.repository() + "/" + rest);
    }

    private static String encodePath(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/")) {
            parts.add(encode(part));
        }
        return String.join("/", parts);
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
