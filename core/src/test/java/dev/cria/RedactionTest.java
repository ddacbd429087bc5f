package dev.cria;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RedactionTest {

    @Test
    void secretsAreWhatVariablesNamedSoHold() {
        assertThat(Redaction.secrets(Map.of(
                        "HF_TOKEN", " hf_abcdef\n",
                        "OPENAI_API_KEY", "sk-123456",
                        "CRIA_RENDEZVOUS_SECRET", "0123456789",
                        "DB_PASSWORD", "short",
                        "MAX_TOKENS", "100000",
                        "TOKENIZERS_PARALLELISM", "false1",
                        "PATH", "/usr/bin")))
                .containsExactlyInAnyOrder("hf_abcdef", "sk-123456", "0123456789");
    }

    @Test
    void secretsAndUsersOfAddressesAreNotShown() {
        assertThat(Redaction.of("a hf_abcdef, b", List.of("hf_abcdef"))).isEqualTo("a ***, b");
        assertThat(Redaction.of("https://me:pass@host/x and hf://datasets/o/n@main and me@host"))
                .isEqualTo("https://***@host/x and hf://datasets/o/n@main and me@host");
    }

    @Test
    void aLineHasNoControlCharacters() {
        assertThat(Redaction.line("a\u001b[31mred\u001b[0m\r\nb\tc\u0007\u009b\u0085\u202ed 🦙"))
                .isEqualTo("a [31mred [0m b c d 🦙");
    }

    @Test
    void aStreamPassesEverythingElseOnByteForByte() {
        var bytes = new ByteArrayOutputStream();
        String text = "é🦙\u001b[2mdim\u001b[0m https://u:p@h/ " + "word ".repeat(5_000) + "x".repeat(20_000) + "\n";
        try (var out = new PrintStream(new RedactedStream(bytes), true, StandardCharsets.UTF_8)) {
            out.print(text);
            out.print("half");
            out.print(" a line");
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(text.replace("u:p@", "***@") + "half a line");
    }
}
