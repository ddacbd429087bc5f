package dev.cria.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An output that remembers why it could not be written, which a {@code PrintStream} keeps to itself. */
final class WatchedStream extends FilterOutputStream {
    private volatile @Nullable IOException failure;

    WatchedStream(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        try {
            out.write(bytes, offset, count);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /** Why output was lost that somebody wanted: a reader that left, such as {@code head}, and a closed output did not. */
    Optional<String> loss() {
        return Optional.ofNullable(failure)
                .map(e -> String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT))
                .filter(why -> !why.contains("pipe") && !why.contains("descriptor") && !why.contains("handle"));
    }
}
