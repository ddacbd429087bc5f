package dev.cria.board;

import dev.cria.format.AtomicFiles;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's metrics.jsonl in buckets, read on from where it was read to. Kept in {@code .board} beside it, which may be
 * deleted at any time; a file that has been rewritten, as resuming at an earlier step does, is read anew.
 */
final class RunIndex {
    private static final String NAME = ".board";
    private static final int VERSION = 1;
    private static final int LAST_BYTES = 64;
    private static final int BLOCK_BYTES = 1 << 20;
    private static final long BYTES_WORTH_SAVING = 1 << 20;
    private static final JsonMapper JSON = new JsonMapper();

    private final Path run;
    private Curves curves = new Curves();
    private List<Line> evaluations = new ArrayList<>(); // validations and benchmarks
    private Optional<Line.Step> last = Optional.empty();
    private long notFinite = -1;
    private long offset;
    private long saved;
    private byte[] tail = {};
    private byte[] lastStep = {}; // its line
    private final StepNumbers numbers = new StepNumbers();

    RunIndex(Path run) {
        this.run = run;
        load();
    }

    /** Read under this index's lock where it may be growing. */
    Curves curves() {
        return curves;
    }

    synchronized List<Line> evaluations() {
        return List.copyOf(evaluations);
    }

    synchronized Optional<Line.Step> last() {
        return last;
    }

    /** The last step whose loss was not finite, -1 if there is none. */
    synchronized long notFinite() {
        return notFinite;
    }

    /** Reads what is new; whether there was anything. */
    boolean refresh() {
        Path file = run.resolve(RunFiles.METRICS);
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            if (!continues(in)) {
                forget();
            }
            long before = offset;
            readOn(in);
            if (offset - saved > BYTES_WORTH_SAVING) {
                save();
            }
            return offset != before;
        } catch (IOException _) {
            // A run that is being moved away has nothing new.
            return false;
        }
    }

    private boolean continues(RandomAccessFile in) throws IOException {
        if (in.length() < offset) {
            return false;
        }
        byte[] now = new byte[tail.length];
        in.seek(offset - tail.length);
        in.readFully(now);
        return Arrays.equals(now, tail);
    }

    private synchronized void forget() {
        curves = new Curves();
        evaluations = new ArrayList<>();
        last = Optional.empty();
        lastStep = new byte[0];
        notFinite = -1;
        offset = 0;
        saved = 0;
        tail = new byte[0];
    }

    /** Whole lines alone: the last one may be half written. */
    private void readOn(RandomAccessFile in) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        while (true) {
            in.seek(offset);
            int count = in.read(block);
            int end = count;
            while (end > 0 && block[end - 1] != '\n') {
                end--;
            }
            if (end <= 0) {
                return;
            }
            takeAll(block, end);
            offset += end;
            tail = Arrays.copyOfRange(block, Math.max(0, end - LAST_BYTES), end);
        }
    }

    /** A block at a time, so that who draws waits for no more than one. */
    private synchronized void takeAll(byte[] block, int end) {
        int from = 0;
        for (int i = 0; i < end; i++) {
            if (block[i] == '\n') {
                take(block, from, i - from);
                from = i + 1;
            }
        }
        if (lastStep.length > 0 && line(lastStep, 0, lastStep.length).orElse(null) instanceof Line.Step step) {
            last = Optional.of(step);
        }
    }

    private void take(byte[] block, int from, int count) {
        try {
            if (numbers.read(block, from, count)) {
                curves.add(numbers);
                if (!Double.isFinite(numbers.loss())) {
                    notFinite = numbers.step();
                }
                lastStep = Arrays.copyOfRange(block, from, from + count);
                return;
            }
        } catch (JacksonException _) {
            return;
        }
        line(block, from, count)
                .filter(known -> !(known instanceof Line.Sample))
                .ifPresent(evaluations::add);
    }

    private static Optional<Line> line(byte[] block, int from, int count) {
        try {
            return Line.of(JSON.readTree(block, from, count));
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }

    private void save() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(VERSION);
            out.writeLong(offset);
            out.writeLong(notFinite);
            out.writeInt(tail.length);
            out.write(tail);
            curves.write(out);
            List<Line> lines = new ArrayList<>(evaluations);
            last.ifPresent(lines::add);
            byte[] json =
                    JSON.writeValueAsBytes(lines.stream().map(Line::toJson).toList());
            out.writeInt(json.length);
            out.write(json);
            AtomicFiles.write(run.resolve(NAME), bytes.toByteArray());
            saved = offset;
        } catch (IOException | RuntimeException _) {
            // A directory that nobody may write into is read anew the next time.
            saved = offset;
        }
    }

    private void load() {
        Path file = run.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return;
        }
        try (var in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
            if (in.readInt() != VERSION) {
                return;
            }
            offset = in.readLong();
            notFinite = in.readLong();
            int length = in.readInt();
            if (offset < 0 || length < 0 || length > LAST_BYTES) {
                throw new IOException("no index");
            }
            tail = in.readNBytes(length);
            curves = Curves.read(in);
            for (var line : JSON.readTree(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8))) {
                Line.of(line).ifPresent(known -> {
                    if (known instanceof Line.Step step) {
                        last = Optional.of(step);
                    } else {
                        evaluations.add(known);
                    }
                });
            }
            saved = offset;
        } catch (IOException | RuntimeException _) {
            forget();
        }
    }
}
