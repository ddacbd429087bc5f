package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class WatchedStreamTest {
    @Test
    void outputThatAFullDiskLosesIsTold() throws IOException {
        assertThat(failing("No space left on device").loss()).contains("no space left on device");
    }

    @Test
    void aReaderThatLeftAndAClosedOutputAreNoLoss() throws IOException {
        assertThat(failing("Broken pipe").loss()).isEmpty();
        assertThat(failing("Bad file descriptor").loss()).isEmpty();
    }

    @Test
    void whatIsWrittenArrives() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var stream = new WatchedStream(bytes)) {
            stream.write("ab".getBytes(StandardCharsets.UTF_8));
            stream.write('c');
            assertThat(stream.loss()).isEmpty();
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("abc");
    }

    private static WatchedStream failing(String why) {
        var stream = new WatchedStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(why);
            }
        });
        assertThatThrownBy(() -> stream.write("text".getBytes(StandardCharsets.UTF_8)))
                .hasMessage(why);
        return stream;
    }
}
