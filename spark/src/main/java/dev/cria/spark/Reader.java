package dev.cria.spark;

import dev.cria.data.source.Reading;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** How tasks read the input, and through which file systems. */
record Reader(Reading reading, Broadcast<SerializableConfiguration> hadoop) implements Serializable {

    List<Piece> pieces(Input.InputFile file) {
        return Input.pieces(file, reading, hadoop.value().value());
    }

    PortionBlocks read(Portion portion) {
        return new PortionBlocks(portion, reading, hadoop.value().value());
    }
}
