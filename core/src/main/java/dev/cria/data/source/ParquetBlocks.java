package dev.cria.data.source;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** A Parquet file, a block for each of its row groups. Only the columns that are needed are read and unpacked. */
final class ParquetBlocks implements Blocks {
    private static final String MAGIC = "PAR1";
    private static final int LOOKED_AT = 512;
    /** More rows than that are no row group but a damaged number. */
    private static final long MOST_ROWS = 100_000_000;

    private final InputFile file;
    private final String name;
    private final ParquetMetadata footer;
    private final ParquetColumns columns;
    private final Iterator<Block> blocks;

    private ParquetBlocks(InputFile file, String name, ParquetMetadata footer, ParquetColumns columns) {
        this.file = file;
        this.name = name;
        this.footer = footer;
        this.columns = columns;
        this.blocks = rowGroups().iterator();
    }

    /**
     * Reads the footer.
     *
     * @throws RequestException if there is no such text column, naming the columns there are
     * @throws WorkException if it is not a whole Parquet file
     */
    static ParquetBlocks open(InputFile file, String name, Reading reading) throws IOException {
        refuseOther(file, name);
        try (ParquetFileReader reader = ParquetFileReader.open(file, options())) {
            ParquetMetadata footer = reader.getFooter();
            return new ParquetBlocks(file, name, footer, columns(footer, name, reading));
        } catch (IOException | RuntimeException e) {
            if (e instanceof RequestException request) {
                throw request;
            }
            if (e instanceof WorkException damaged) {
                throw damaged;
            }
            throw damaged(name, "its footer cannot be read", e);
        }
    }

    /** Tells what a file is that does not begin as a Parquet file does. */
    static void refuseOther(InputFile file, String name) throws IOException {
        try (FileBytes bytes = FileBytes.open(file)) {
            byte[] head = bytes.readNBytes(LOOKED_AT);
            String start = new String(head, StandardCharsets.ISO_8859_1);
            if (start.startsWith(MAGIC)) {
                return;
            }
            String what = head.length == 0
                    ? "it is empty"
                    : start.startsWith("version https://git-lfs")
                            ? "it is a Git LFS pointer, which stands for the data"
                            : start.startsWith("PARE")
                                    ? "it is encrypted"
                                    : Binary.what(head, head.length)
                                            .filter(known -> !known.startsWith("binary"))
                                            .map(known -> "it is " + known)
                                            .orElse("it does not begin with " + MAGIC);
            throw new WorkException(
                    "%s is not a Parquet file: %s".formatted(name, what),
                    "fetch the file again, or continue without it: --skip-bad");
        }
    }

    private static ParquetReadOptions options() {
        PlainParquetConfiguration configuration = new PlainParquetConfiguration();
        return ParquetReadOptions.builder(configuration)
                .usePageChecksumVerification()
                .withCodecFactory(new ParquetCodecs(HadoopCodecs.newFactory(configuration, 0)))
                .build();
    }

    private static ParquetColumns columns(ParquetMetadata footer, String name, Reading reading) {
        MessageType schema = footer.getFileMetaData().getSchema();
        Optional<ColumnDescriptor> text = column(schema, reading.textField());
        if (text.isEmpty() || text.get().getPrimitiveType().getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
            if (schema.containsField(reading.textField())) {
                throw new RequestException(
                        "%s has %s in its column '%s', where the text should be"
                                .formatted(name, kind(schema.getType(reading.textField())), reading.textField()),
                        "--text-field NAME");
            }
            List<String> names = schema.getFields().stream().map(Type::getName).toList();
            throw new RequestException(
                    "%s has no column of texts named '%s'; its columns are %s"
                            .formatted(name, reading.textField(), names),
                    "--text-field NAME");
        }
        return new ParquetColumns(
                name, text.get(), column(schema, "id"), column(schema, "dump"), column(schema, "score"), reading);
    }

    /** What a column holds, in words. */
    private static String kind(Type type) {
        if (type instanceof PrimitiveType primitive && !type.isRepetition(Type.Repetition.REPEATED)) {
            return switch (primitive.getPrimitiveTypeName()) {
                case INT32, INT64, INT96 -> "whole numbers";
                case FLOAT, DOUBLE -> "numbers";
                case BOOLEAN -> "true and false";
                case BINARY, FIXED_LEN_BYTE_ARRAY -> "bytes";
            };
        }
        return "lists or records";
    }

    private static Optional<ColumnDescriptor> column(MessageType schema, String name) {
        return schema.containsField(name)
                        && schema.getType(name) instanceof PrimitiveType type
                        && !type.isRepetition(Type.Repetition.REPEATED)
                ? Optional.of(schema.getColumnDescription(new String[] {name}))
                : Optional.empty();
    }

    private List<Block> rowGroups() {
        List<Block> groups = new ArrayList<>();
        long row = 0;
        for (int i = 0; i < footer.getBlocks().size(); i++) {
            BlockMetaData group = footer.getBlocks().get(i);
            int index = i;
            long firstRow = row;
            refuseOtherCount(group, i);
            // The library refuses to read groups without rows, which are sound and hold nothing.
            if (group.getRowCount() > 0) {
                groups.add(new Block(group.getCompressedSize(), rows -> read(index, firstRow, rows)));
            }
            row += group.getRowCount();
        }
        return groups;
    }

    /** Each column of a group has a value, or a null, for each of its rows. */
    private void refuseOtherCount(BlockMetaData group, int index) {
        for (ColumnChunkMetaData column : group.getColumns()) {
            if (column.getPath().size() == 1
                    && columns.reads(column.getPath().toDotString())
                    && column.getValueCount() != group.getRowCount()) {
                throw new WorkException(
                        "%s is damaged: row group %d has %d rows, and its column %s %d values"
                                .formatted(
                                        name,
                                        index,
                                        group.getRowCount(),
                                        column.getPath().toDotString(),
                                        column.getValueCount()),
                        "fetch the file again, or continue without it: --skip-bad");
            }
        }
    }

    /** Only what the library says is damage; what the caller throws is the caller's. */
    private void read(int group, long firstRow, Consumer<Row> rows) {
        long end = firstRow + footer.getBlocks().get(group).getRowCount();
        try (ParquetFileReader reader = ParquetFileReader.open(file, footer, options(), file.newStream())) {
            ParquetColumns.Cursor cursor;
            try {
                reader.setRequestedSchema(columns.all());
                cursor = columns.open(reader.readRowGroup(group), footer.getFileMetaData());
            } catch (IOException | RuntimeException e) {
                lose(group, firstRow, end, e, rows);
                return;
            }
            for (long i = firstRow; i < end; i++) {
                Row row;
                try {
                    row = cursor.next(i);
                } catch (RuntimeException e) {
                    lose(group, i, end, e, rows);
                    return;
                }
                rows.accept(row);
            }
        } catch (IOException e) {
            rows.accept(new Row.Unreadable(name, -1, DocumentFile.cannotRead(name, e)));
        }
    }

    /** Each row that cannot be read counts as one, so that the others keep their numbers. */
    private void lose(int group, long from, long end, Exception why, Consumer<Row> rows) {
        WorkException damage =
                damaged(name, "rows %d to %d (row group %d) cannot be read".formatted(from, end - 1, group), why);
        if (end - from > MOST_ROWS) {
            rows.accept(new Row.Unreadable(name, -1, damage));
            return;
        }
        for (long row = from; row < end; row++) {
            rows.accept(new Row.Unreadable(name, row, damage));
        }
    }

    static WorkException damaged(String name, String what, Exception e) {
        return new WorkException(
                "%s is damaged: %s: %s".formatted(name, what, reason(e)),
                "fetch the file again, or continue without what is damaged: --skip-bad",
                e);
    }

    /** In words of the format; the library speaks of its classes. */
    private static String reason(Exception e) {
        String said = String.valueOf(e.getMessage());
        return switch (e) {
            case UnsupportedOperationException _ when said.startsWith(ParquetCodecs.UNREAD) -> said;
            case Exception _ when said.contains("magic number at tail") -> "it does not end as a Parquet file does";
            case Exception _ when said.contains("CRC checksum") -> "a checksum is wrong";
            default -> "the bytes there make no sense";
        };
    }

    @Override
    public boolean hasNext() {
        return blocks.hasNext();
    }

    @Override
    public Block next() {
        return blocks.next();
    }

    @Override
    public void close() {
        // Each block opens the file for itself, since several are read at once.
    }
}
