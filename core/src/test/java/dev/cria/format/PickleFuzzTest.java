package dev.cria.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever stands in a pickle, it is read or refused in words, and nothing is called. */
final class PickleFuzzTest {
    private static byte[] pickle(String name) throws Exception {
        try (InputStream in = Objects.requireNonNull(PickleFuzzTest.class.getResourceAsStream(name + ".pkl"), name)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2"})
    void aChangedPickleIsReadOrRefused(String name) throws Exception {
        byte[] whole = pickle(name);
        SplittableRandom random = new SplittableRandom(5);
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = whole.clone();
            for (int k = random.nextInt(1, 4); k > 0; k--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = random.nextInt(4) == 0 ? Arrays.copyOf(changed, random.nextInt(changed.length)) : changed;
            try {
                Pickle.read(cut);
                read++;
            } catch (Pickle.Unreadable e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }

    @Test
    void aPickleThatWouldCallSomethingMakesAName() throws Exception {
        byte[] hostile = "\u0080\u0002cos\nsystem\n(X\u0004\0\0\0echotR.".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(Pickle.read(hostile))
                .isInstanceOfSatisfying(Pickle.Value.Made.class, made -> assertThat(made.callable)
                        .isEqualTo("os.system"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0080\u0004N.", // protocol 4
                "i__main__\nX\n.", // INST
                "\u0080\u0002(lp0\n.", // protocol 0's list
                "S'a'\n.",
                "t.",
                ".",
                "}h\u0000.",
                "X\u00ff\u00ff\u00ff\u007f.",
                "}K\u0001K\u0002s."
            })
    void otherOpcodesAndBrokenOnesAreRefused(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> Pickle.read(bytes)).isInstanceOf(Pickle.Unreadable.class);
    }
}
