package dev.cria.format;

import dev.cria.WorkException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The header of an .npy file: magic, version, length, then a Python dictionary of three keys.
 *
 * @see "numpy/lib/format.py; NEP 1"
 */
record NpyHeader(NpyType type, long[] shape, int length) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /** Magic, two bytes of version, and in version 1 two bytes of length. */
    static final int FIXED_BYTES = 10;
    /** Data begins at a multiple of this. */
    private static final int ALIGNMENT = 64;
    /** numpy leaves room for the first dimension to grow to this many digits. */
    private static final int GROWTH_DIGITS = 21;

    private static final Pattern KEYS = Pattern.compile("\\{'descr': '([^']+)', 'fortran_order': (True|False), "
            + "'shape': \\(((?:\\d+, ?)*(?:\\d+,?)?)\\),? ?\\}\\s*");

    /** The bytes of {@code numpy.save}'s header of version 1.0 for one dimension of {@code count} elements. */
    static byte[] oneDimensional(NpyType type, long count) {
        String keys = String.format(
                Locale.ROOT, "{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }", type.descriptor(), count);
        int room = GROWTH_DIGITS - Long.toString(count).length();
        int used = FIXED_BYTES + keys.length() + room + 1;
        String padded = keys + " ".repeat(room + ALIGNMENT - used % ALIGNMENT) + "\n";
        return ByteBuffer.allocate(FIXED_BYTES + padded.length())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) padded.length())
                .put(padded.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    /**
     * Reads a header and checks it against the file's size.
     *
     * @param start the file's first bytes, at least all of the header where the file has that many
     */
    static NpyHeader parse(Path file, byte[] start, long fileBytes) {
        if (start.length < FIXED_BYTES || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw damaged(file, "it does not begin as .npy files do");
        }
        if (start[6] != 1 || start[7] != 0) {
            throw damaged(file, "it has version " + start[6] + "." + start[7] + ", and 1.0 is read here");
        }
        int length = FIXED_BYTES + (start[8] & 0xFF) + ((start[9] & 0xFF) << 8);
        if (length > start.length) {
            throw damaged(file, "its header claims " + length + " bytes of a file of " + fileBytes);
        }
        String keys = new String(start, FIXED_BYTES, length - FIXED_BYTES, StandardCharsets.ISO_8859_1)
                .replaceAll("\\p{Cntrl}", " ");
        Matcher matcher = KEYS.matcher(keys);
        if (!matcher.matches()) {
            String readable = keys.strip();
            throw damaged(file, "its header reads " + readable.substring(0, Math.min(200, readable.length())));
        }
        if (matcher.group(2).equals("True")) {
            throw damaged(file, "it is in Fortran's order");
        }
        NpyType type = NpyType.described(matcher.group(1))
                .orElseThrow(() -> damaged(
                        file,
                        "its elements are '%s', not one of %s"
                                .formatted(
                                        matcher.group(1),
                                        Arrays.stream(NpyType.values())
                                                .map(NpyType::descriptor)
                                                .collect(Collectors.joining(", ")))));
        return checked(file, new NpyHeader(type, shape(file, matcher.group(3)), length), fileBytes);
    }

    private static long[] shape(Path file, String dimensions) {
        try {
            return Arrays.stream(dimensions.split(","))
                    .map(String::strip)
                    .filter(d -> !d.isEmpty())
                    .mapToLong(Long::parseLong)
                    .toArray();
        } catch (NumberFormatException _) {
            throw damaged(file, "its shape is (" + dimensions + ")");
        }
    }

    private static NpyHeader checked(Path file, NpyHeader header, long fileBytes) {
        long dataBytes = fileBytes - header.length;
        long stated = header.type.bytes();
        try {
            for (long dimension : header.shape) {
                stated = Math.multiplyExact(stated, dimension);
            }
        } catch (ArithmeticException _) {
            stated = -1;
        }
        if (stated != dataBytes) {
            throw damaged(
                    file,
                    "its shape %s of %s is not the %d bytes that follow the header"
                            .formatted(Arrays.toString(header.shape), header.type.descriptor(), dataBytes));
        }
        return header;
    }

    private static WorkException damaged(Path file, String what) {
        return new WorkException(
                file + " is not a readable .npy file: " + what,
                "write it with numpy.save, uint16 or uint32 for tokens, or with: ./cria prepare");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NpyHeader h && type == h.type && length == h.length && Arrays.equals(shape, h.shape);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(shape) * 31 + type.hashCode();
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }
}
