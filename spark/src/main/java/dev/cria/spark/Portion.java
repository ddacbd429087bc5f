package dev.cria.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What one task reads: neighbouring pieces. The portions in their order are the whole input in its order. */
record Portion(List<Piece> pieces) implements Serializable {

    Portion {
        pieces = List.copyOf(pieces);
    }

    /** Parts the input into portions of about so many bytes, at least one; a piece is never parted. */
    static List<Portion> of(List<Piece> pieces, long bytes) {
        List<Portion> portions = new ArrayList<>();
        List<Piece> gathered = new ArrayList<>();
        long sum = 0;
        for (Piece piece : pieces) {
            if (!gathered.isEmpty() && sum + piece.bytes() > bytes) {
                portions.add(new Portion(gathered));
                gathered.clear();
                sum = 0;
            }
            gathered.add(piece);
            sum += piece.bytes();
        }
        portions.add(new Portion(gathered));
        return portions;
    }
}
