package dev.cria.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A stage of making text of tokens, as Hugging Face's decoders do. */
sealed interface TextDecoder {

    List<String> decode(List<String> tokens);

    /** Bytes spelled in GPT-2's alphabet; a token that isn't stands for itself. */
    record ByteLevel() implements TextDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            var bytes = new ByteArrayOutputStream();
            tokens.forEach(token -> bytes.writeBytes(bytes(token)));
            return List.of(Utf8.decode(bytes.toByteArray(), 0, bytes.size()));
        }

        static byte[] bytes(String token) {
            return ByteAlphabet.canSpell(token) ? ByteAlphabet.bytes(token) : token.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Replaces every match by a text. */
    record Replace(Pattern pattern, String by) implements TextDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream()
                    .map(token -> pattern.matcher(token).replaceAll(Matcher.quoteReplacement(by)))
                    .toList();
        }
    }

    /** Runs of tokens such as {@code <0x0A>} become their text, or U+FFFD for each where they are no UTF-8. */
    record ByteFallback() implements TextDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> decoded = new ArrayList<>();
            var run = new ByteArrayOutputStream();
            for (String token : tokens) {
                OptionalInt value = byteOf(token);
                if (value.isPresent()) {
                    run.write(value.getAsInt());
                } else {
                    flush(run, decoded);
                    decoded.add(token);
                }
            }
            flush(run, decoded);
            return decoded;
        }

        private static void flush(ByteArrayOutputStream run, List<String> decoded) {
            try {
                if (run.size() > 0) {
                    decoded.add(StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(run.toByteArray()))
                            .toString());
                }
            } catch (CharacterCodingException _) {
                decoded.add("\uFFFD".repeat(run.size()));
            }
            run.reset();
        }

        static String spell(int value) {
            return "<0x%02X>".formatted(value);
        }

        /** The byte that a token such as {@code <0x0A>} stands for. */
        static OptionalInt byteOf(String token) {
            boolean isByte = token.length() == 6
                    && token.startsWith("<0x")
                    && token.endsWith(">")
                    && Character.digit(token.charAt(3), 16) >= 0
                    && Character.digit(token.charAt(4), 16) >= 0;
            return isByte ? OptionalInt.of(Integer.parseInt(token.substring(3, 5), 16)) : OptionalInt.empty();
        }
    }

    /** Makes one token of all. */
    record Fuse() implements TextDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(String.join("", tokens));
        }
    }

    /** Drops up to so many of a character from each token's ends. */
    record Strip(String content, int start, int stop) implements TextDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream().map(this::stripped).toList();
        }

        private String stripped(String token) {
            String rest = token;
            for (int i = 0; i < start && rest.startsWith(content); i++) {
                rest = rest.substring(content.length());
            }
            for (int i = 0; i < stop && rest.endsWith(content); i++) {
                rest = rest.substring(0, rest.length() - content.length());
            }
            return rest;
        }
    }

    /** SentencePiece's marks become spaces, except in the first token where a mark was put before the text. */
    record Metaspace(String mark, TextSplitter.Metaspace.Scheme scheme) implements TextDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> decoded = new ArrayList<>();
            for (String token : tokens) {
                boolean drop = decoded.isEmpty() && scheme != TextSplitter.Metaspace.Scheme.NEVER;
                decoded.add(token.replace(mark, drop ? "" : " "));
            }
            return decoded;
        }
    }
}
