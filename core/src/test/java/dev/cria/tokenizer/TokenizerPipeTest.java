package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.WorkException;
import dev.cria.tokenizer.TokenizerPipe.Literals;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class TokenizerPipeTest {
    private final TokenizerPipe ordinary = new TokenizerPipe(Tokenizers.gpt2(), Literals.ORDINARY_TEXT);
    private final TokenizerPipe special = new TokenizerPipe(Tokenizers.gpt2(), Literals.SPECIAL_TOKENS);

    @Test
    void oneTextBecomesALineOfIdsAndComesBackToTheByte() throws IOException {
        assertThat(run("Hello world\n", ordinary::encode)).isEqualTo("15496 995 198\n");
        assertThat(run("", ordinary::encode)).isEqualTo("\n");
        assertThat(run("15496  995\n198\n", ordinary::decode)).isEqualTo("Hello world\n");
        assertThat(run(" \n", ordinary::decode)).isEmpty();
    }

    @Test
    void literalsAreSpecialWhereAskedFor() throws IOException {
        assertThat(run("<|endoftext|>", special::encode)).isEqualTo("50256\n");
        assertThat(run("<|endoftext|>", ordinary::encode)).doesNotContain("50256");
        assertThat(run("50256", ordinary::decode)).isEqualTo("<|endoftext|>");
        assertThat(run("{\"text\": \"<|endoftext|>\"}", special::encodeLines)).isEqualTo("{\"ids\":[50256]}\n");
    }

    @Test
    void linesEndAtLineFeedsOnly() throws IOException {
        String odd = "{\"id\": 1, \"text\": \"a\u2028b\u0085🙂\"}\r\n\n{\"text\": \"\"}";
        String ids = run(odd, ordinary::encodeLines);
        assertThat(ids.split("\n")).hasSize(2);
        assertThat(run(ids, ordinary::decodeLines)).isEqualTo("{\"text\":\"a\u2028b\u0085🙂\"}\n{\"text\":\"\"}\n");
    }

    @Test
    void refusesLinesByTheirNumber() {
        refuses(
                "{\"text\": \"a\"}\n\n{\"txt\": \"a\"}\n",
                ordinary::encodeLines,
                "standard input, line 3 has no \"text\" that is a text");
        refuses("{\"text\": 5}", ordinary::encodeLines, "standard input, line 1 has no \"text\" that is a text");
        refuses(
                "{\"ids\": [1, 2.5]}",
                ordinary::decodeLines,
                "standard input, line 1 has no \"ids\" that is a list of whole numbers");
        refuses("1 two 3", ordinary::decode, "standard input holds \"two\" where ids should stand");
        assertThatThrownBy(() -> run("{\"text\": \"a\"}\n{oops\n", ordinary::encodeLines))
                .hasMessageStartingWith("standard input, line 2 is not JSON: ");
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        assertThatThrownBy(() -> ordinary.encode(
                        new ByteArrayInputStream(new byte[] {'a', (byte) 0xFF}), new ByteArrayOutputStream()))
                .isInstanceOf(WorkException.class)
                .hasMessageStartingWith("standard input is not UTF-8");
    }

    private static void refuses(String input, Flow flow, String problem) {
        assertThatThrownBy(() -> run(input, flow))
                .isInstanceOf(WorkException.class)
                .hasMessage(problem);
    }

    private static String run(String input, Flow flow) throws IOException {
        var out = new ByteArrayOutputStream();
        flow.run(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private interface Flow {
        void run(InputStream in, OutputStream out) throws IOException;
    }
}
