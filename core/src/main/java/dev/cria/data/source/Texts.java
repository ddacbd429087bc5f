package dev.cria.data.source;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The bare texts of sources, for whoever needs no more of a document than that. */
public final class Texts {

    private Texts() {}

    /** The documents' texts in order, read as they are asked for; what cannot be read throws. Close the stream. */
    public static Stream<String> of(Sources sources) {
        Blocks blocks = sources.blocks();
        return stream(blocks).flatMap(block -> texts(block).stream()).onClose(blocks::close);
    }

    private static Stream<Block> stream(Iterator<Block> blocks) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(blocks, 0), false);
    }

    private static List<String> texts(Block block) {
        List<String> texts = new ArrayList<>();
        block.reader().read(row -> {
            switch (row) {
                case Row.Document document -> texts.add(document.text());
                case Row.WithoutText _ -> {}
                case Row.Unreadable unreadable -> throw unreadable.refusal();
            }
        });
        return texts;
    }
}
