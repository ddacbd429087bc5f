package dev.cria.data.source;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Compressed members in a row as one stream. The end of the file is an end only where a member might begin. Zeros there
 * are padding if they fill up a block: of 512 bytes as tapes and disks have them, or of 4, as xz itself has it.
 */
final class Members implements Decompression {

    /** Opens the member that begins here, and reads none of what comes after it. */
    @FunctionalInterface
    interface Opener {
        InputStream open(FileBytes file) throws IOException;
    }

    private final FileBytes file;
    private final Opener opener;
    private final int block;
    private @Nullable InputStream member;
    private boolean begun;

    Members(FileBytes file, int block, Opener opener) {
        this.file = file;
        this.block = block;
        this.opener = opener;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        while (true) {
            if (member == null) {
                if (isAtEnd()) {
                    return -1;
                }
                member = opener.open(file);
                begun = true;
            }
            int read = member.read(bytes, offset, count);
            if (read >= 0) {
                return read;
            }
            closeMember();
        }
    }

    private boolean isAtEnd() throws IOException {
        int next = file.read();
        if (begun && next == 0) {
            while (next == 0) {
                next = file.read();
            }
            if (file.position() % block != 0 && next < 0) {
                throw new IOException("zeros follow its last member, and fill no block of " + block + " bytes");
            }
        }
        if (next >= 0) {
            file.unread(next);
        }
        return next < 0;
    }

    @Override
    public long position() {
        return file.position() - (member instanceof GzipMember gzip ? gzip.ahead() : 0);
    }

    private void closeMember() throws IOException {
        // The others free nothing but the file, which is needed for the next member.
        if (member instanceof GzipMember gzip) {
            gzip.close();
        }
        member = null;
    }

    @Override
    public void close() throws IOException {
        closeMember();
        file.close();
    }
}
