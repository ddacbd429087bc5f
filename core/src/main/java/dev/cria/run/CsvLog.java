package dev.cria.run;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.Csv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** The steps as {@code log.csv}, for spreadsheets and data frames. A number that is not finite is an empty cell. */
public final class CsvLog implements MetricSink {
    static final String HEADER =
            Csv.row(List.of("step", "loss", "lr", "grad_norm", "tokens", "tokens_per_s", "mfu", "elapsed_s"));

    private final Path path;
    private final LineFile file;
    private final RepeatedWarning warning;

    private CsvLog(Path path, LineFile file, Progress progress) {
        this.path = path;
        this.file = file;
        this.warning = new RepeatedWarning(progress, InstantSource.system());
    }

    /** Adds to a run's file, which begins with the names of its columns. */
    public static CsvLog open(Path run, Progress progress) {
        Path path = run.resolve(RunFiles.CSV);
        try {
            boolean fresh = !Files.exists(path) || Files.size(path) == 0;
            CsvLog log = new CsvLog(path, LineFile.open(path), progress);
            if (fresh) {
                log.file.add(HEADER);
            }
            return log;
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /** Whether a line is of a step before this one. */
    static boolean isBefore(String line, long step) {
        String first = line.split(",", 2)[0];
        return first.matches("\\d{1,18}") && Long.parseLong(first) < step;
    }

    @Override
    public synchronized void take(Line line) {
        if (!(line instanceof Line.Step step)) {
            return;
        }
        try {
            file.add(Csv.row(List.of(
                    Long.toString(step.step()),
                    cell(step.loss()),
                    cell(step.learningRate()),
                    cell(step.gradientNorm()),
                    Long.toString(step.tokens()),
                    cell(step.tokensPerSecond()),
                    cell(step.mfu()),
                    cell(step.elapsedSeconds()))));
        } catch (IOException e) {
            warning.say(path.getFileName() + " cannot be written (" + e.getMessage()
                    + "); the run continues and keeps its lines in memory: free some space");
        }
    }

    private static String cell(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "";
    }

    private static WorkException failed(Path path, IOException e) {
        return new WorkException(
                path + " cannot be written: " + e.getMessage(), "free some space, or --set log.csv=false", e);
    }

    @Override
    public synchronized void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw failed(path, e);
        }
    }
}
