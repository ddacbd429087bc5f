package dev.cria.tokenizer;

import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Texts that stress a pre-tokenizer: every class of character, and the borders between them. */
final class RandomTexts {
    private static final String[] PIECES = {
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "\u00A0",
        "\u0085",
        "\u3000",
        "\u200B",
        "\u2028",
        "\u001C",
        "'",
        "'s",
        "'S",
        "'ll",
        "'LL",
        "'re",
        "'ve",
        "'d",
        "'m",
        "'t",
        "'\u017F",
        "the",
        "and",
        "Hello",
        "world",
        "ing",
        "don",
        "é",
        "ü",
        "Ж",
        "слово",
        "日本",
        "語",
        "한국어",
        "ไทย",
        "ا",
        "हिन्दी",
        "0",
        "12",
        "345",
        "6789",
        "²",
        "½",
        "Ⅷ",
        "٣",
        ".",
        ",",
        "!?",
        "--",
        "(",
        ")",
        "\"",
        "’",
        "…",
        "🙂",
        "👩‍🚀",
        "e\u0301",
        "\u0000",
        "\uFFFD",
        "\uE000",
        "<|endoftext|>",
        "http://",
    };

    private RandomTexts() {}

    /** Pieces that occur in texts, with any code point between them. */
    static String mixed(RandomGenerator random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            if (random.nextInt(6) == 0) {
                text.appendCodePoint(anyCodePoint(random));
            } else {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
        }
        return text.toString();
    }

    static String lettersOnly(RandomGenerator random, int length) {
        return random.ints(length, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    static int anyCodePoint(RandomGenerator random) {
        int[] limits = {0x80, 0x800, 0x10000, Character.MAX_CODE_POINT + 1};
        while (true) {
            int codePoint = random.nextInt(limits[random.nextInt(limits.length)]);
            if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
                return codePoint;
            }
        }
    }

    static String escaped(String text) {
        return text.codePoints()
                .mapToObj(c -> c >= ' ' && c < 127 ? Character.toString(c) : "\\u{%X}".formatted(c))
                .collect(Collectors.joining());
    }
}
