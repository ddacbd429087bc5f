package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** Reads rows of instruction data from JSON lists and JSON lines, {@code .gz} or not; file after file. */
final class InstructionFiles {
    private static final JsonMapper JSON = new JsonMapper();

    private InstructionFiles() {}

    static List<InstructionRow> read(List<Path> files) {
        List<InstructionRow> rows = new ArrayList<>();
        for (Path file : files) {
            int before = rows.size();
            read(file, rows);
            if (rows.size() == before) {
                throw new RequestException(file + " holds no rows", "give a JSON list or JSON lines of rows");
            }
        }
        return rows;
    }

    private static void read(Path file, List<InstructionRow> rows) {
        int row = 0;
        // A list at the root is unwrapped, so that both forms are a sequence of objects.
        try (InputStream in = open(file);
                MappingIterator<JsonNode> values =
                        JSON.readerFor(JsonNode.class).readValues(in)) {
            while (values.hasNextValue()) {
                row++;
                rows.add(InstructionRow.of(values.nextValue(), file + " row " + row));
            }
        } catch (JacksonException e) {
            throw new RequestException(
                    file + " row " + (row + 1) + " is not JSON: " + e.getOriginalMessage() + " (line "
                            + e.getLocation().getLineNr() + ")",
                    "give a JSON list or JSON lines of rows");
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
    }
}
