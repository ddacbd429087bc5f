package dev.cria.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The revision of the checkout in whose folder the program runs, read from git's own files. */
final class GitRevision {

    private GitRevision() {}

    static String read() {
        try {
            Path git = Path.of(".git");
            String head = Files.readString(git.resolve("HEAD")).strip();
            if (!head.startsWith("ref: ")) {
                return head;
            }
            Path ref = git.resolve(head.substring("ref: ".length()));
            return Files.exists(ref) ? Files.readString(ref).strip() : head;
        } catch (IOException _) {
            return "none";
        }
    }
}
