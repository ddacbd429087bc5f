package dev.cria.eval.judge;

import dev.cria.eval.judge.Rubric.Unreadable;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Scores on disk, a file each, named by the hash of the question. A file that is damaged counts as absent. */
final class JudgeCache {
    private final Path directory;

    JudgeCache(Path directory) {
        this.directory = directory;
    }

    Optional<Scores> find(ObjectNode question) {
        Path file = file(question);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Rubric.read(Files.readString(file)));
        } catch (IOException | Unreadable _) {
            return Optional.empty();
        }
    }

    void keep(ObjectNode question, Scores scores) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
        ObjectNode json = JsonMapper.shared().createObjectNode();
        scores.values().forEach((criterion, score) -> json.put(criterion.key(), score));
        AtomicFiles.write(file(question), json + "\n");
    }

    private Path file(ObjectNode question) {
        byte[] hash = AtomicFiles.sha256().digest(question.toString().getBytes(StandardCharsets.UTF_8));
        return directory.resolve(HexFormat.of().formatHex(hash) + ".json");
    }
}
