package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.data.source.Records;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads rows of instruction data from JSON arrays, JSON lines and Parquet, compressed or not; file after file. */
final class InstructionFiles {
    private InstructionFiles() {}

    /** The rows of each file. */
    static List<List<InstructionRow>> read(List<Path> files) {
        return files.stream().map(InstructionFiles::read).toList();
    }

    private static List<InstructionRow> read(Path file) {
        List<InstructionRow> rows = new ArrayList<>();
        Records.read(
                file,
                Long.MAX_VALUE,
                row -> rows.add(InstructionRow.of(row.node(), file + " row " + (rows.size() + 1))));
        if (rows.isEmpty()) {
            throw new RequestException(file + " has no rows", "give a JSON array or JSON lines of rows");
        }
        return rows;
    }

    /** The forms of a file's rows, as a person knows them. */
    static String formats(Path file) {
        Set<String> formats = new LinkedHashSet<>();
        Records.read(file, Long.MAX_VALUE, row -> formats.add(InstructionFormat.name(row.node())));
        return String.join(", ", formats);
    }
}
