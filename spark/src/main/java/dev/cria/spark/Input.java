package dev.cria.spark;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.data.source.Block;
import dev.cria.data.source.Blocks;
import dev.cria.data.source.DataFiles;
import dev.cria.data.source.DocumentFile;
import dev.cria.data.source.Reading;
import dev.cria.data.source.Sources.PassedOver;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** The input's files on any Hadoop file system, in the order in which {@code ./cria prepare} would take them. */
final class Input {
    private Input() {}

    /** A file and its size. */
    record InputFile(String path, String name, long bytes) implements Serializable {

        private static InputFile of(FileStatus status) {
            boolean local = status.getPath().toUri().getScheme().equals("file");
            String name = local
                    ? status.getPath().toUri().getPath()
                    : status.getPath().toString();
            return new InputFile(status.getPath().toString(), name, status.getLen());
        }

        /** The file as it stands in manifests, the same as {@code ./cria prepare} writes. */
        Map<String, Object> describe() {
            Map<String, Object> described = new LinkedHashMap<>();
            described.put("file", name);
            described.put("bytes", bytes);
            return described;
        }
    }

    /**
     * What inputs lead to.
     *
     * @param passedOver files of directories that are not data
     */
    record Found(List<InputFile> files, List<PassedOver> passedOver) {}

    /**
     * Finds the files that inputs name.
     *
     * @param inputs files, directories, which are walked, and globs
     * @throws RequestException if one of them leads to no file that can be read
     */
    static Found find(List<String> inputs, Configuration hadoop) {
        List<InputFile> files = new ArrayList<>();
        List<PassedOver> passedOver = new ArrayList<>();
        for (String input : inputs) {
            try {
                files.addAll(filesOf(input, hadoop, passedOver));
            } catch (IOException e) {
                throw new WorkException("cannot list " + input + ": " + e.getMessage(), "hadoop fs -ls " + input, e);
            }
        }
        passedOver.sort(Comparator.comparing(PassedOver::name));
        return new Found(files, passedOver);
    }

    private static List<InputFile> filesOf(String input, Configuration hadoop, List<PassedOver> passedOver)
            throws IOException {
        Path path = new Path(input);
        FileSystem files = path.getFileSystem(hadoop);
        List<FileStatus> found = new ArrayList<>();
        FileStatus[] matches = files.globStatus(path);
        if (matches == null || matches.length == 0) {
            throw new RequestException("there is no " + input, "hadoop fs -ls " + path.getParent());
        }
        for (FileStatus match : matches) {
            if (match.isFile()) {
                found.add(match);
            } else {
                walk(files, match.getPath(), found, passedOver);
            }
        }
        List<InputFile> kept = found.stream()
                .map(InputFile::of)
                .sorted(Comparator.comparing(InputFile::path))
                .toList();
        if (kept.isEmpty()) {
            throw new RequestException(
                    input + " has no file that can be read",
                    "name files, directories or globs of .parquet, .jsonl, .json or .txt, compressed or not");
        }
        return kept;
    }

    private static void walk(FileSystem files, Path directory, List<FileStatus> found, List<PassedOver> passedOver)
            throws IOException {
        RemoteIterator<LocatedFileStatus> below = files.listFiles(directory, true);
        while (below.hasNext()) {
            FileStatus file = below.next();
            String within = directory.toUri().relativize(file.getPath().toUri()).getPath();
            Optional<String> reason = DataFiles.passedOver(within);
            reason.ifPresentOrElse(
                    why -> passedOver.add(new PassedOver(InputFile.of(file).name(), why)), () -> found.add(file));
        }
    }

    /** Parts a file into pieces as small as can be read without reading what lies before them. */
    static List<Piece> pieces(InputFile file, Reading reading, Configuration hadoop) {
        if (!DocumentFile.hasCheapBlocks(file.name())) {
            return List.of(new Piece(file.path(), file.name(), 0, Piece.ALL, file.bytes()));
        }
        List<Piece> pieces = new ArrayList<>();
        try (Blocks blocks = open(file.path(), file.name(), reading, hadoop)) {
            while (blocks.hasNext()) {
                Block block = blocks.next();
                pieces.add(new Piece(file.path(), file.name(), pieces.size(), 1, block.bytes()));
            }
        }
        return pieces;
    }

    static Blocks open(String path, String name, Reading reading, Configuration hadoop) {
        try {
            return DocumentFile.open(name, HadoopInputFile.fromPath(new Path(path), hadoop), reading);
        } catch (FileNotFoundException e) {
            throw new WorkException(name + " is gone", "hadoop fs -ls " + path, e);
        } catch (IOException e) {
            throw new WorkException("cannot read " + name + ": " + e.getMessage(), "hadoop fs -ls " + path, e);
        }
    }
}
