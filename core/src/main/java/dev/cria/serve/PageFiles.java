package dev.cria.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The pages' files, which lie in the jar; a fixed list, so no path of a request reaches any other. */
final class PageFiles {
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private static final Map<String, String> NAMES = names();

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("/", "chat.html");
        names.put("/board", "board.html");
        for (String name : new String[] {
            "chat.css",
            "common.css",
            "chat.js",
            "tokens.js",
            "stream.js",
            "choices.js",
            "board.js",
            "board.css",
            "uPlot.iife.min.js",
            "uPlot.min.css",
            "icon.svg"
        }) {
            names.put("/page/" + name, name);
        }
        return names;
    }

    /** A file with its media type. */
    record PageFile(String type, byte[] bytes) {}

    private PageFiles() {}

    static Optional<PageFile> of(String path) {
        return Optional.ofNullable(NAMES.get(path)).map(PageFiles::read);
    }

    static boolean isPage(String path) {
        return NAMES.containsKey(path);
    }

    private static PageFile read(String name) {
        try (var in = PageFiles.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks dev/cria/serve/" + name);
            }
            return new PageFile(TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), ""), in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
