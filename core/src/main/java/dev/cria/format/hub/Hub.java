package dev.cria.format.hub;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Brings files of the hub into the cache and tells where they lie. */
public final class Hub {
    private static final JsonMapper JSON = new JsonMapper();

    /** The hub lists a thousand files a page. */
    private static final int MOST_PAGES = 2_000;

    private static final int MOST_FILES = 1_000_000;

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

    /** The hub as the environment's variables describe it. */
    public static Hub ofEnvironment(Progress progress) {
        return new Hub(HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home"))), progress);
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
        return "hf://" + address.page() + "@" + commit + "/" + path;
    }

    private List<Cached> cached(HubCache cache, Predicate<String> wanted) {
        String commit = cache.commit().orElse("");
        List<Cached> files = commit.isEmpty()
                ? List.of()
                : cache.files(commit).stream()
                        .filter(f -> wanted.test(cache.pathInRepository(commit, f)))
                        .map(f -> new Cached(name(cache.address(), commit, cache.pathInRepository(commit, f)), f))
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
        boolean all = address.isFile() || address.folder().isEmpty();
        String folder = all ? "" : "/" + encodePath(address.folder());
        Optional<URI> page = Optional.of(api(address, "tree/" + commit + folder + "?recursive=true"));
        Set<URI> seen = new HashSet<>();
        while (page.isPresent()) {
            if (!seen.add(page.get()) || seen.size() > MOST_PAGES || files.size() > MOST_FILES) {
                throw new WorkException(
                        "the list of " + address + " has no end: page " + seen.size() + ", " + files.size()
                                + " files so far",
                        "name a folder of the repository, such as " + address + "/data");
            }
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
        JsonNode size = entry.path("size");
        long bytes = size.isIntegralNumber() && size.canConvertToLong() ? size.longValue() : -1;
        String path = entry.path("path").asString("");
        if (!blob.matches(lfs.isObject() ? "[0-9a-f]{64}" : "[0-9a-f]{40}") || bytes < 0) {
            throw new WorkException(page + " lists a file without size or content hash", "is HF_ENDPOINT a hub?");
        }
        if (!isInside(path)) {
            throw new WorkException(page + " lists a file named '" + path + "'", "is HF_ENDPOINT a hub?");
        }
        return new HubFile(path, bytes, blob, lfs.isObject() ? Optional.of(blob) : Optional.empty());
    }

    /** Whether a name that a server gives stays in the folder that it is put into. */
    private static boolean isInside(String path) {
        return !path.isBlank()
                && path.chars().noneMatch(c -> c < ' ' || c == '\\')
                && Stream.of(path.split("/", -1)).noneMatch(part -> part.isEmpty() || part.startsWith(".."));
    }

    private static JsonNode tree(URI address, String json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            throw new WorkException(
                    address + " answers with something that is not JSON: " + e.getOriginalMessage(),
                    "try again later",
                    e);
        }
    }

    /** One process at a time: the ranks of a training ask for the same files at once. */
    private void download(HubHttp http, HubCache cache, String commit, List<HubFile> files) {
        if (missing(cache, files).isEmpty()) {
            return;
        }
        Path lock = cache.folder().resolve("cria.lock");
        try {
            Files.createDirectories(cache.folder().resolve("blobs"));
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                List<HubFile> missing = missing(cache, files);
                requireRoom(cache, missing.stream().mapToLong(HubFile::bytes).reduce(0, Hub::saturated));
                fetch(http, cache, commit, missing);
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(cache.folder(), e);
        }
    }

    private static List<HubFile> missing(HubCache cache, List<HubFile> files) {
        return files.stream().filter(f -> !Files.exists(cache.blob(f))).toList();
    }

    private void fetch(HubHttp http, HubCache cache, String commit, List<HubFile> missing) {
        long bytes = missing.stream().mapToLong(HubFile::bytes).reduce(0, Hub::saturated);
        try (Progress.Task task = progress.begin("download", "bytes", bytes)) {
            for (HubFile file : missing) {
                task.note(file.path());
                URI address = settings.endpoint()
                        .resolve("/" + cache.address().page() + "/resolve/" + commit + "/" + encodePath(file.path()));
                new Download(http, settings, address, file, cache.blob(file), task).run();
            }
        }
    }

    private static long saturated(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    /** A server may name any size, and the pieces of a file are counted before the first one comes. */
    private static void requireRoom(HubCache cache, long bytes) {
        long free = cache.folder().toFile().getUsableSpace();
        if (bytes > free) {
            throw new WorkException(
                    "%s needs %.1f GB, and the disk of %s has %.1f GB left"
                            .formatted(cache.address(), bytes / 1e9, cache.folder(), free / 1e9),
                    "HF_HUB_CACHE=DIR names a folder on another disk");
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
