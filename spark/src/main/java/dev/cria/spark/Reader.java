package dev.cria.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** How tasks read the input: which column or key, through which file systems. */
record Reader(String textField, Broadcast<SerializableConfiguration> hadoop) implements Serializable {

    List<Piece> pieces(Input.InputFile file) {
        return Input.pieces(file, textField, hadoop.value().value());
    }

    PortionBlocks read(Portion portion) {
        return new PortionBlocks(portion, textField, hadoop.value().value());
    }
}
