package dev.cria.data.source;

import java.util.Iterator;

/** The blocks of a source in order. Cheap to step over; closing frees its file. */
public interface Blocks extends Iterator<Block>, AutoCloseable {

    @Override
    void close();
}
