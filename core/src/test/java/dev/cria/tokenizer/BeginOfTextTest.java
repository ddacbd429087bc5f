package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.model.Oracles;
import dev.cria.tokenizer.Roles.Adding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tokenizer puts around a text is what transformers makes of its files. */
final class BeginOfTextTest {
    @TempDir
    private Path directory;

    @Test
    void thePostProcessorDecidesUnlessTheConfigurationDoes() throws IOException {
        Tokenizer own = with("{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        int begin = own.specialTokens().get("<s>");
        int end = own.specialTokens().get("</s>");
        assertThat(own.roles().frame().around(new int[] {5})).containsExactly(begin, 5, end);
        Tokenizer stated = with("{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"add_bos_token\": true}");
        assertThat(stated.roles().frame().around(new int[] {5})).containsExactly(begin, 5);
        Tokenizer neither = with("{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"add_eos_token\": false}");
        assertThat(neither.roles().frame().around(new int[] {5})).containsExactly(5);
    }

    @Test
    void theUserMayDecideInstead() throws IOException {
        Tokenizer tokenizer = with("{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        int begin = tokenizer.specialTokens().get("<s>");
        assertThat(tokenizer.roles().frame(Adding.ON).around(new int[] {5})).containsExactly(begin, 5);
        assertThat(tokenizer.roles().frame(Adding.OFF).around(new int[] {5})).containsExactly(5);
        Roles without = with("{\"eos_token\": \"</s>\"}").roles();
        assertThatThrownBy(() -> without.frame(Adding.ON))
                .isInstanceOf(RequestException.class)
                .hasMessage("--add-bos is on, and the tokenizer has no token that begins a text");
    }

    @Test
    void aTokenThatIsToBeAddedHasToBeThere() {
        assertThatThrownBy(() -> with("{\"bos_token\": \"<odd>\", \"add_bos_token\": true}"))
                .isInstanceOf(RequestException.class)
                .hasMessage(directory + ": bos_token is \"<odd>\", which tokenizer.json lacks");
    }

    private Tokenizer with(String config) throws IOException {
        Files.writeString(
                directory.resolve("tokenizer.json"),
                Files.readString(
                        Oracles.folder("tokenizer/families/bos_and_eos").resolve("tokenizer.json")));
        Files.writeString(directory.resolve("tokenizer_config.json"), config);
        return Tokenizers.load(directory);
    }
}
