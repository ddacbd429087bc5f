package dev.cria.data.source;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** A Parquet file, a block for each of its row groups. Only the columns that are needed are read and unpacked. */
final class ParquetBlocks implements Blocks {
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
     * @throws WorkException if it is no Parquet file
     */
    static ParquetBlocks open(InputFile file, String name, String textField) {
        try (ParquetFileReader reader = ParquetFileReader.open(file, options())) {
            ParquetMetadata footer = reader.getFooter();
            return new ParquetBlocks(file, name, footer, columns(footer, name, textField));
        } catch (IOException | RuntimeException e) {
            if (e instanceof RequestException request) {
                throw request;
            }
            throw damaged(name, "its footer cannot be read", e);
        }
    }

    private static ParquetReadOptions options() {
        return ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    }

    private static ParquetColumns columns(ParquetMetadata footer, String name, String textField) {
        MessageType schema = footer.getFileMetaData().getSchema();
        Optional<ColumnDescriptor> text = column(schema, textField);
        if (text.isEmpty() || text.get().getPrimitiveType().getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
            List<String> names = schema.getFields().stream().map(Type::getName).toList();
            throw new RequestException(
                    "%s has no column of texts named '%s'; its columns are %s".formatted(name, textField, names),
                    "--text-field NAME");
        }
        return new ParquetColumns(
                name, text.get(), column(schema, "id"), column(schema, "dump"), column(schema, "score"));
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
            groups.add(new Block(group.getCompressedSize(), rows -> read(index, firstRow, rows)));
            row += group.getRowCount();
        }
        return groups;
    }

    private void read(int group, long firstRow, Consumer<Row> rows) {
        PageReadStore pages;
        try (ParquetFileReader reader = ParquetFileReader.open(file, footer, options(), file.newStream())) {
            reader.setRequestedSchema(columns.all());
            pages = reader.readRowGroup(group);
            columns.read(pages, footer.getFileMetaData(), firstRow, rows);
        } catch (IOException | RuntimeException e) {
            rows.accept(new Row.Unreadable(name, -1, damaged(name, "row group " + group + " cannot be read", e)));
        }
    }

    private static WorkException damaged(String name, String what, Exception e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new WorkException(
                "%s is no sound Parquet file: %s: %s"
                        .formatted(name, what, reason.lines().findFirst().orElse("")),
                "fetch the file again, or go on without it: --skip-bad",
                e);
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
