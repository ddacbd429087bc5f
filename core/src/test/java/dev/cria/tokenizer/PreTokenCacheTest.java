package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PreTokenCacheTest {
    private final PreTokenCache cache = new PreTokenCache();

    @Test
    void remembersOneIdAndMany() {
        put(bytes("cat"), 7);
        put(bytes("unbelievability"), 1, 2, 3);
        assertThat(get(bytes("cat"))).containsExactly(7);
        assertThat(get(bytes("unbelievability"))).containsExactly(1, 2, 3);
        assertThat(get(bytes("dog"))).isEmpty();
    }

    @Test
    void zeroBytesCountAsBytes() {
        put(new byte[] {0}, 1);
        put(new byte[] {0, 0}, 2);
        assertThat(get(new byte[] {0})).containsExactly(1);
        assertThat(get(new byte[] {0, 0})).containsExactly(2);
        assertThat(get(new byte[] {0, 0, 0})).isEmpty();
        assertThat(get(new byte[9])).isEmpty();
    }

    @Test
    void aKeyDependsOnThePreTokenAloneAndNotOnWhatSurroundsIt() {
        Random random = new Random(2);
        for (int length = 1; length <= PreTokenCache.LONGEST; length++) {
            byte[] text = new byte[40];
            random.nextBytes(text);
            byte[] word = Arrays.copyOfRange(text, 11, 11 + length);
            byte[] atTheEnd = Arrays.copyOfRange(text, 0, 11 + length);
            assertThat(PreTokenCache.lowKey(text, 11, 11 + length)).isEqualTo(PreTokenCache.lowKey(word, 0, length));
            assertThat(PreTokenCache.highKey(text, 11, 11 + length)).isEqualTo(PreTokenCache.highKey(word, 0, length));
            assertThat(PreTokenCache.lowKey(atTheEnd, 11, 11 + length))
                    .isEqualTo(PreTokenCache.lowKey(word, 0, length));
            assertThat(PreTokenCache.highKey(atTheEnd, 11, 11 + length))
                    .isEqualTo(PreTokenCache.highKey(word, 0, length));
        }
    }

    @Test
    void whatItStillKnowsIsRightHoweverMuchItForgets() {
        int known = 0;
        for (int i = 0; i < 200_000; i++) {
            put(bytes("w" + i), i, i + 1, i + 2);
            int earlier = i / 2;
            int[] ids = get(bytes("w" + earlier));
            if (ids.length > 0) {
                known++;
                assertThat(ids).containsExactly(earlier, earlier + 1, earlier + 2);
            }
            assertThat(get(bytes("w" + i))).containsExactly(i, i + 1, i + 2);
        }
        assertThat(known).isPositive();
    }

    private void put(byte[] word, int... ids) {
        cache.put(
                PreTokenCache.lowKey(word, 0, word.length),
                PreTokenCache.highKey(word, 0, word.length),
                ids,
                0,
                ids.length);
    }

    private int[] get(byte[] word) {
        var ids = new IdBuffer(1);
        long low = PreTokenCache.lowKey(word, 0, word.length);
        long high = PreTokenCache.highKey(word, 0, word.length);
        assertThat(cache.appendTo(ids, low, high)).isEqualTo(ids.size() > 0);
        return ids.toArray();
    }

    private static byte[] bytes(String word) {
        return Utf8.encode(word);
    }
}
