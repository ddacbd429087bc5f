package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class InvocationTest {

    @Test
    void whatIsShownCanBeTypedAgain() {
        assertThat(Invocation.shown(List.of("pretrain", "--set", "a.b=1.0e-3", "--out", "my runs/it's", "")))
                .isEqualTo("./cria pretrain --set a.b=1.0e-3 --out 'my runs/it'\\''s' ''");
    }
}
