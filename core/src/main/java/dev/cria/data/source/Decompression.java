package dev.cria.data.source;

import java.io.Closeable;
import java.io.IOException;

/** A compressed file being read. */
interface Decompression extends Closeable {

    /** As an input stream does it; what is no such data, or ends early, throws. */
    int read(byte[] bytes, int offset, int count) throws IOException;

    /** How many bytes of the file were used. */
    long position();
}
