package dev.cria.cli;

import dev.cria.data.source.Block;
import dev.cria.data.source.Blocks;
import dev.cria.data.source.Row;
import dev.cria.data.source.Sources;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The texts of some files, directories and globs, read block by block as they are asked for. */
final class TrainingTexts {
    private TrainingTexts() {}

    /** Closing the stream closes the file that is being read. A row that can't be read ends it with its refusal. */
    static Stream<String> of(List<String> inputs, String textField) {
        Blocks blocks = Sources.find(inputs, textField).blocks();
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(blocks, Spliterator.ORDERED), false)
                .flatMap(TrainingTexts::texts)
                .onClose(blocks::close);
    }

    private static Stream<String> texts(Block block) {
        Stream.Builder<String> texts = Stream.builder();
        block.reader().read(row -> {
            switch (row) {
                case Row.Document document -> texts.add(document.text());
                case Row.WithoutText _ -> {}
                case Row.Unreadable unreadable -> throw unreadable.refusal();
            }
        });
        return texts.build();
    }
}
