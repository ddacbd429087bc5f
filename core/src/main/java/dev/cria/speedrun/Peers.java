package dev.cria.speedrun;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.Csv;
import dev.cria.page.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Other programs that trained the same model on the same shards: {@code peers/NAME/seed-K.csv} with the columns step,
 * val_loss, seconds and learning_rate, as bench/peers/speedrun_peer.py writes them.
 */
final class Peers {
    private static final Pattern SEED = Pattern.compile("seed-(\\d{1,9})\\.csv");
    private static final List<String> COLUMNS = List.of("step", "val_loss", "seconds", "learning_rate");

    private Peers() {}

    static List<Runner> read(Path speedrun) {
        return inside(speedrun.resolve("peers")).stream()
                .filter(Files::isDirectory)
                .map(Peers::readOne)
                .filter(peer -> !peer.curves().isEmpty())
                .toList();
    }

    private static Runner readOne(Path directory) {
        var curves = new TreeMap<Long, Runner.Curve>();
        String rate = "";
        for (Path file : inside(directory)) {
            Matcher name = SEED.matcher(String.valueOf(file.getFileName()));
            if (name.matches()) {
                List<List<String>> rows = rows(file);
                rate = rows.getLast().get(3);
                curves.put(Long.parseLong(name.group(1)), curve(file, rows));
            }
        }
        return new Runner(String.valueOf(directory.getFileName()), rate, curves);
    }

    private static List<Path> inside(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(directory)) {
            return found.sorted().toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(directory, e);
        }
    }

    private static List<List<String>> rows(Path file) {
        try {
            List<List<String>> rows = Csv.read(file.toString(), Files.readString(file));
            if (rows.size() < 2 || !rows.getFirst().equals(COLUMNS)) {
                throw new RequestException(
                        file + " has not the columns " + String.join(", ", COLUMNS) + " and a row",
                        "bench/peers/speedrun_peer.py writes it; or remove it");
            }
            return rows.subList(1, rows.size());
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    private static Runner.Curve curve(Path file, List<List<String>> rows) {
        List<Point> losses = new ArrayList<>();
        List<Point> clock = new ArrayList<>();
        for (List<String> row : rows) {
            losses.add(new Point(number(file, row, 0), number(file, row, 1)));
            clock.add(new Point(number(file, row, 0), number(file, row, 2)));
        }
        return new Runner.Curve(losses, clock);
    }

    private static double number(Path file, List<String> row, int column) {
        try {
            return Double.parseDouble(row.get(column));
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            throw new RequestException(
                    file + " has a row without " + COLUMNS.get(column) + ": " + String.join(",", row),
                    "bench/peers/speedrun_peer.py writes it; or remove it");
        }
    }
}
