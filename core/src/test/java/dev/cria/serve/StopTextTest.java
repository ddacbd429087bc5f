package dev.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StopTextTest {
    /** However a text comes in pieces, what is shown is the text up to the first word. */
    @Test
    void theTextIsCutAtTheFirstWordInWhateverPiecesItComes() {
        var random = new Random(1);
        for (int round = 0; round < 5000; round++) {
            String text = random.ints(random.nextInt(30), 'a', 'd')
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            List<String> words = List.of("abc", "ca", "bbba");
            int end = words.stream()
                    .mapToInt(text::indexOf)
                    .filter(i -> i >= 0)
                    .min()
                    .orElse(text.length());
            var stop = new StopText(words);
            StringBuilder shown = new StringBuilder();
            for (int at = 0; at < text.length() && !stop.isStopped(); ) {
                int to = Math.min(text.length(), at + 1 + random.nextInt(4));
                shown.append(stop.accept(text.substring(at, to)));
                at = to;
            }
            shown.append(stop.finish());
            assertThat(shown.toString()).as("%s", text).isEqualTo(text.substring(0, end));
        }
    }

    @Test
    void whatMayBeginAWordIsHeldBackUntilItIsNone() {
        var stop = new StopText(List.of("\n\nUser:"));
        assertThat(stop.accept("Yes.\n")).isEqualTo("Yes.");
        assertThat(stop.accept("\nNo.")).isEqualTo("\n\nNo.");
        assertThat(stop.accept("\n\nUse")).isEmpty();
        assertThat(stop.finish()).isEqualTo("\n\nUse");
    }
}
