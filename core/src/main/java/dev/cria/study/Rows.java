package dev.cria.study;

import com.jerolba.carpet.CarpetWriter;
import com.jerolba.carpet.ColumnNamingStrategy;
import dev.cria.format.AtomicFiles;
import dev.cria.format.Csv;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * Records as tables: a column for each component, its name in snake case. What is not known is null in Parquet and an empty
 * field in CSV.
 */
final class Rows {
    private Rows() {}

    /** Writes {@code NAME.csv} and {@code NAME.parquet}. */
    static <R extends Record> void write(Path directory, String name, Class<R> type, List<R> rows) {
        List<RecordComponent> columns = List.of(type.getRecordComponents());
        StringBuilder csv = new StringBuilder(Csv.line(
                columns.stream().map(column -> snakeCase(column.getName())).toList()));
        for (R row : rows) {
            csv.append(
                    Csv.line(columns.stream().map(column -> field(row, column)).toList()));
        }
        AtomicFiles.write(directory.resolve(name + ".csv"), csv.toString());
        parquet(directory, name, type, rows.stream());
    }

    /** Writes {@code NAME.parquet}. */
    static <R extends Record> void parquet(Path directory, String name, Class<R> type, Stream<R> rows) {
        Path file = directory.resolve(name + ".parquet");
        try (OutputStream out = Files.newOutputStream(file);
                CarpetWriter<R> writer = new CarpetWriter.Builder<>(out, type)
                        .withColumnNamingStrategy(ColumnNamingStrategy.SNAKE_CASE)
                        .withCompressionCodec(CompressionCodecName.ZSTD)
                        .build()) {
            for (R row : (Iterable<R>) rows::iterator) {
                writer.write(row);
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(file, e);
        }
    }

    private static String field(Record row, RecordComponent column) {
        try {
            column.getAccessor().setAccessible(true);
            return shown(column.getAccessor().invoke(row));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String shown(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static String snakeCase(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    /** A number as a table has it: null where it is not known. */
    static @Nullable Double known(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
