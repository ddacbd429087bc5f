package dev.cria.spark;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.data.ShardManifest;
import dev.cria.data.prepare.Report;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The directory that the shards go to. While the job runs it holds a mark; shards beside a mark are those of a job that
 * failed, and go when the next one begins. The manifest is written last.
 */
record Output(Path directory, Configuration hadoop) {
    private static final String MARK = "_unfinished";

    Output(String directory, Configuration hadoop) {
        this(new Path(directory), hadoop);
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(FileSystem files) throws IOException;
    }

    private <T> T with(Work<T> work) {
        try {
            FileSystem files = directory.getFileSystem(hadoop);
            files.setWriteChecksum(false);
            return work.on(files);
        } catch (IOException e) {
            throw new WorkException(
                    "cannot write " + directory + ": " + e.getMessage(), "hadoop fs -ls " + directory, e);
        }
    }

    /**
     * Makes the directory ready.
     *
     * @return the manifest, if just this was prepared there before
     * @throws RequestException if the directory holds shards of another request
     */
    Optional<ShardManifest> begin(Map<String, Object> request) {
        return with(files -> {
            files.mkdirs(directory);
            Path manifest = new Path(directory, ShardManifest.NAME);
            if (files.exists(manifest)) {
                try (InputStream in = files.open(manifest)) {
                    ShardManifest before = ShardManifest.parse(manifest.toString(), in.readAllBytes());
                    if (before.answers(request)) {
                        return Optional.of(before);
                    }
                }
                throw ofAnotherRequest();
            }
            removeShards(files);
            write(files, MARK, "");
            return Optional.empty();
        });
    }

    private void removeShards(FileSystem files) throws IOException {
        boolean unfinished = files.exists(new Path(directory, MARK));
        for (FileStatus file : files.listStatus(directory)) {
            String name = file.getPath().getName();
            if (name.endsWith(".npy") && !unfinished) {
                throw ofAnotherRequest();
            }
            if (name.endsWith(".npy") || name.matches("\\..*\\.npy\\.\\d+\\.tmp")) {
                files.delete(file.getPath(), false);
            }
        }
    }

    private RequestException ofAnotherRequest() {
        return new RequestException(
                directory + " already holds shards of another request",
                "choose another --out, or start over: hadoop fs -rm -r " + directory);
    }

    /** Writes the report and the manifest beside the shards, and takes the mark away. */
    void end(ShardManifest manifest, Report report) {
        with(files -> {
            write(files, "report.json", report.json());
            write(files, "report.html", report.html());
            write(files, ShardManifest.NAME, manifest.json());
            return files.delete(new Path(directory, MARK), false);
        });
    }

    private void write(FileSystem files, String name, String text) throws IOException {
        try (OutputStream out = files.create(new Path(directory, name), true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
