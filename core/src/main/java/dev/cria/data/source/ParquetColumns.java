package dev.cria.data.source;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;

/** The flat columns that rows are made of, read one beside the other without the library's record assembly. */
record ParquetColumns(
        String name,
        ColumnDescriptor text,
        Optional<ColumnDescriptor> id,
        Optional<ColumnDescriptor> dump,
        Optional<ColumnDescriptor> score,
        Reading reading) {

    List<ColumnDescriptor> all() {
        return Stream.concat(Stream.of(text), Stream.of(id, dump, score).flatMap(Optional::stream))
                .toList();
    }

    /** Whether a column is one of these. */
    boolean reads(String column) {
        return all().stream().anyMatch(c -> c.getPath()[0].equals(column));
    }

    /** The rows of a group, from the first on. */
    Cursor open(PageReadStore pages, FileMetaData file) {
        MessageType schema = new MessageType(
                file.getSchema().getName(),
                all().stream().map(c -> file.getSchema().getType(c.getPath())).toList());
        ColumnReadStoreImpl store = new ColumnReadStoreImpl(pages, new NoRecords(), schema, file.getCreatedBy());
        return new Cursor(
                this,
                new Cells(store.getColumnReader(text)),
                id.map(c -> new Cells(store.getColumnReader(c))),
                dump.map(c -> new Cells(store.getColumnReader(c))),
                score.map(c -> new Cells(store.getColumnReader(c))));
    }

    /** A row group being read. */
    record Cursor(
            ParquetColumns columns, Cells texts, Optional<Cells> ids, Optional<Cells> dumps, Optional<Cells> scores) {

        /** The next row, whose number is {@code row}. */
        Row next(long row) {
            String name = columns.name;
            Optional<byte[]> text = texts.bytes();
            Optional<String> id = ids.flatMap(Cells::text);
            Optional<String> dump = dumps.flatMap(Cells::text);
            OptionalDouble score = scores.map(Cells::number).orElse(OptionalDouble.empty());
            if (text.isEmpty()) {
                return new Row.WithoutText(name, row, id);
            }
            int length = text.get().length;
            if (length > columns.reading.maxDocumentBytes()) {
                return new Row.Unreadable(name, row, columns.reading.tooLong(name + " row " + row, length));
            }
            Utf8Text decoded = Utf8Text.decode(text.get(), 0, length);
            return new Row.Document(name, row, id, decoded.text(), decoded.encoding(), dump, score);
        }
    }

    /** One column's values, from top to bottom. */
    private record Cells(ColumnReader reader) {

        private <T> Optional<T> next(Supplier<T> value) {
            boolean isNull =
                    reader.getCurrentDefinitionLevel() < reader.getDescriptor().getMaxDefinitionLevel();
            Optional<T> cell = isNull ? Optional.empty() : Optional.of(value.get());
            reader.consume();
            return cell;
        }

        /** Of a column of byte arrays. */
        Optional<byte[]> bytes() {
            return next(() -> reader.getBinary().getBytesUnsafe());
        }

        Optional<String> text() {
            return next(() -> switch (type().getPrimitiveTypeName()) {
                case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> {
                    byte[] bytes = reader.getBinary().getBytesUnsafe();
                    yield Utf8Text.decode(bytes, 0, bytes.length).text();
                }
                case INT32 -> Integer.toString(reader.getInteger());
                case INT64 -> Long.toString(reader.getLong());
                case DOUBLE -> Double.toString(reader.getDouble());
                case FLOAT -> Float.toString(reader.getFloat());
                case BOOLEAN -> Boolean.toString(reader.getBoolean());
            });
        }

        private PrimitiveType type() {
            return reader.getDescriptor().getPrimitiveType();
        }

        /** Empty where there is no value, or one that is not a number. */
        OptionalDouble number() {
            return next(this::value).orElse(OptionalDouble.empty());
        }

        private OptionalDouble value() {
            int scale = type().getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation decimal
                    ? decimal.getScale()
                    : 0;
            return switch (type().getPrimitiveTypeName()) {
                case DOUBLE -> Numbers.finite(reader.getDouble());
                case FLOAT -> Numbers.finite(reader.getFloat());
                case INT32 -> decimal(BigInteger.valueOf(reader.getInteger()), scale);
                case INT64 -> decimal(BigInteger.valueOf(reader.getLong()), scale);
                case BINARY, FIXED_LEN_BYTE_ARRAY -> number(reader.getBinary().getBytesUnsafe(), scale);
                case INT96, BOOLEAN -> {
                    reader.skip();
                    yield OptionalDouble.empty();
                }
            };
        }

        private OptionalDouble number(byte[] bytes, int scale) {
            return switch (type().getLogicalTypeAnnotation()) {
                case DecimalLogicalTypeAnnotation _ when bytes.length > 0 -> decimal(new BigInteger(bytes), scale);
                case Float16LogicalTypeAnnotation _
                when bytes.length == Short.BYTES ->
                    Numbers.finite(Float.float16ToFloat((short) (bytes[0] & 0xFF | bytes[1] << 8)));
                case null, default ->
                    Numbers.in(
                            Optional.of(Utf8Text.decode(bytes, 0, bytes.length).text()));
            };
        }

        private static OptionalDouble decimal(BigInteger unscaled, int scale) {
            return OptionalDouble.of(new BigDecimal(unscaled, scale).doubleValue());
        }
    }

    /** The column store asks for converters although nothing is assembled here. */
    private static final class NoRecords extends GroupConverter {
        @Override
        public Converter getConverter(int field) {
            return new PrimitiveConverter() {};
        }

        @Override
        public void start() {}

        @Override
        public void end() {}
    }
}
