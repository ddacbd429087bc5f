package dev.cria.tokenizer;

import dev.cria.RequestException;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Which tokens begin and end a text.
 *
 * @param begin the token that begins a text
 * @param end the token that ends a text
 * @param frame what is put around a text that a model is asked with
 */
public record Roles(OptionalInt begin, OptionalInt end, Frame frame) {

    /** A tokenizer whose texts end with one token, and that puts nothing around a text. */
    static Roles of(OptionalInt end) {
        return new Roles(end, end, Frame.NONE);
    }

    /** Whether a text is framed. */
    public enum Adding {
        /** As the tokenizer's files say. */
        TOKENIZER,
        /** With the token that begins a text before it. */
        ON,
        OFF
    }

    /** @throws RequestException if a token is to be added that there is none of */
    public Frame frame(Adding adding) {
        return switch (adding) {
            case TOKENIZER -> frame;
            case OFF -> Frame.NONE;
            case ON -> {
                int id = begin.orElseThrow(() -> new RequestException(
                        "--add-bos is on, and the tokenizer has no token that begins a text",
                        "name bos_token in tokenizer_config.json, or --add-bos off"));
                yield new Frame(new int[] {id}, new int[0]);
            }
        };
    }

    /** Ids before and after those of a text, as the post-processor of Hugging Face's files has them. */
    public record Frame(int[] before, int[] after) {
        public static final Frame NONE = new Frame(new int[0], new int[0]);

        /** This, and another around it. */
        Frame within(Frame outer) {
            return new Frame(
                    new Frame(outer.before(), new int[0]).around(before),
                    new Frame(new int[0], outer.after()).around(after));
        }

        public int[] around(int[] ids) {
            return Stream.of(before, ids, after).flatMapToInt(Arrays::stream).toArray();
        }
    }
}
