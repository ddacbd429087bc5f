package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Precision;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it stands in for the process's standard output")
final class RehearsalTest {
    @TempDir
    private Path folder;

    @Test
    void generatesInEachPrecisionWithAModelOfItsOwn() {
        PrintStream former = System.out;
        var out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = Rehearsal.run(folder);
        } finally {
            System.setOut(former);
        }

        assertThat(code).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).split("A llama is", -1)).hasSize(1 + Precision.values().length);
        assertThat(folder.resolve("model.safetensors")).isNotEmptyFile();
        assertThat(Tokenizers.load(folder).encode("A llama is")).hasSizeLessThan(10);
    }
}
