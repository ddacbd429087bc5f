package dev.cria.run;

import dev.cria.Progress;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's lines: log.txt, metrics.jsonl, events.jsonl and samples.jsonl. A line is written whole with one call, so what
 * a killed process leaves ends with a whole line or with one that resuming drops. A disk that is full for a while costs
 * no line and does not stop the run.
 */
public final class RunLog implements MetricSink {
    private static final JsonMapper JSON = new JsonMapper();

    private final Map<Name, LineFile> files;
    private final RepeatedWarning warning;

    /** The files of a run that lines are added to. */
    private enum Name {
        LOG(RunFiles.LOG),
        METRICS(RunFiles.METRICS),
        EVENTS(RunFiles.EVENTS),
        SAMPLES(RunFiles.SAMPLES);

        private final String file;

        Name(String file) {
            this.file = file;
        }

        Path in(Path run) {
            return run.resolve(file);
        }
    }

    private RunLog(Map<Name, LineFile> files, Progress progress) {
        this.files = files;
        this.warning = new RepeatedWarning(progress, InstantSource.system());
    }

    public static RunLog open(Path run, Progress progress) {
        Map<Name, LineFile> files = new EnumMap<>(Name.class);
        try {
            for (Name name : Name.values()) {
                files.put(name, LineFile.open(name.in(run)));
            }
            return new RunLog(files, progress);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void take(Line line) {
        switch (line) {
            case Line.Step s -> writeLog("%d train %.6f", s.step(), s.loss());
            case Line.Averaged a -> writeEvaluation(Line.EMA, a.line());
            case Line.Validation _, Line.Benchmarks _ -> writeEvaluation("", line);
            case Line.Sample _ -> {}
        }
        write(line instanceof Line.Sample ? Name.SAMPLES : Name.METRICS, JSON.writeValueAsString(line.toJson()));
    }

    private void writeEvaluation(String prefix, Line line) {
        if (line instanceof Line.Validation v) {
            writeLog("%d %sval %.4f", v.step(), prefix, v.loss());
        } else if (line instanceof Line.Benchmarks b) {
            Double accuracy = b.tasks().getOrDefault("hellaswag", Map.of()).get("acc_norm");
            if (accuracy != null) {
                writeLog("%d %shella %.4f", b.step(), prefix, accuracy);
            }
        }
    }

    @Override
    public void take(Event event) {
        write(Name.EVENTS, event.toLine(JSON, Instant.now().toString()));
    }

    /** Makes sure that the lines so far survive a power cut, before a checkpoint relies on them. */
    public synchronized void force() {
        try {
            for (LineFile file : files.values()) {
                file.force();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void writeLog(String pattern, Object... values) {
        write(Name.LOG, String.format(Locale.ROOT, pattern, values));
    }

    private synchronized void write(Name name, String line) {
        LineFile file = files.get(name);
        if (file == null) {
            return;
        }
        try {
            file.add(line);
        } catch (IOException e) {
            warning.say(name.file + " cannot be written (" + e.getMessage()
                    + "); the run continues and keeps its lines in memory: free some space");
        }
    }

    private static WorkException failed(IOException e) {
        return new WorkException(
                "the run's log cannot be written: " + e.getMessage(),
                "free some space; then --resume continues from the newest checkpoint, and writes these lines again",
                e);
    }

    @Override
    public synchronized void close() {
        List<IOException> failures = new ArrayList<>();
        for (LineFile file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failed(failures.getFirst());
        }
    }
}
