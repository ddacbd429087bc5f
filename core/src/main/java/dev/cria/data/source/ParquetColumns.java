package dev.cria.data.source;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;

/** The flat columns that rows are made of, read one beside the other without the library's record assembly. */
record ParquetColumns(
        String name,
        ColumnDescriptor text,
        Optional<ColumnDescriptor> id,
        Optional<ColumnDescriptor> dump,
        Optional<ColumnDescriptor> score) {

    List<ColumnDescriptor> all() {
        return Stream.concat(Stream.of(text), Stream.of(id, dump, score).flatMap(Optional::stream))
                .toList();
    }

    void read(PageReadStore pages, FileMetaData file, long firstRow, Consumer<Row> rows) {
        MessageType schema = new MessageType(
                file.getSchema().getName(),
                all().stream().map(c -> file.getSchema().getType(c.getPath())).toList());
        ColumnReadStoreImpl store = new ColumnReadStoreImpl(pages, new NoRecords(), schema, file.getCreatedBy());
        Cells texts = new Cells(store.getColumnReader(text));
        Optional<Cells> ids = id.map(c -> new Cells(store.getColumnReader(c)));
        Optional<Cells> dumps = dump.map(c -> new Cells(store.getColumnReader(c)));
        Optional<Cells> scores = score.map(c -> new Cells(store.getColumnReader(c)));
        for (long i = 0; i < pages.getRowCount(); i++) {
            Optional<Utf8Text> text = texts.text();
            Optional<String> id = ids.flatMap(Cells::text).map(Utf8Text::text);
            Optional<String> dump = dumps.flatMap(Cells::text).map(Utf8Text::text);
            OptionalDouble score = scores.map(Cells::number).orElse(OptionalDouble.empty());
            long row = firstRow + i;
            rows.accept(
                    text.isEmpty()
                            ? new Row.WithoutText(name, row, id)
                            : new Row.Document(
                                    name, row, id, text.get().text(), text.get().encoding(), dump, score));
        }
    }

    /** One column's values, from top to bottom. */
    private record Cells(ColumnReader reader) {

        private boolean isNull() {
            return reader.getCurrentDefinitionLevel() < reader.getDescriptor().getMaxDefinitionLevel();
        }

        Optional<Utf8Text> text() {
            Optional<Utf8Text> text = isNull() ? Optional.empty() : Optional.of(present());
            reader.consume();
            return text;
        }

        private Utf8Text present() {
            return switch (reader.getDescriptor().getPrimitiveType().getPrimitiveTypeName()) {
                case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> {
                    byte[] bytes = reader.getBinary().getBytesUnsafe();
                    yield Utf8Text.decode(bytes, 0, bytes.length);
                }
                case INT32 -> Utf8Text.of(Integer.toString(reader.getInteger()));
                case INT64 -> Utf8Text.of(Long.toString(reader.getLong()));
                case DOUBLE -> Utf8Text.of(Double.toString(reader.getDouble()));
                case FLOAT -> Utf8Text.of(Float.toString(reader.getFloat()));
                case BOOLEAN -> Utf8Text.of(Boolean.toString(reader.getBoolean()));
            };
        }

        OptionalDouble number() {
            OptionalDouble number = isNull() ? OptionalDouble.empty() : value();
            reader.consume();
            return number;
        }

        private OptionalDouble value() {
            return switch (reader.getDescriptor().getPrimitiveType().getPrimitiveTypeName()) {
                case DOUBLE -> OptionalDouble.of(reader.getDouble());
                case FLOAT -> OptionalDouble.of(reader.getFloat());
                case INT32 -> OptionalDouble.of(reader.getInteger());
                case INT64 -> OptionalDouble.of(reader.getLong());
                case BINARY, FIXED_LEN_BYTE_ARRAY, INT96, BOOLEAN -> {
                    reader.skip();
                    yield OptionalDouble.empty();
                }
            };
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
