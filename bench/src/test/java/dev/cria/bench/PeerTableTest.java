package dev.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PeerTableTest {
    private static String cria(String name, double rate, double peak) {
        return """
            {"case":"%s","program":"cria","result":{"tokens_per_s":%s,"flops_per_token":1e9,\
            "gemm_gflops":{"fp32":1,"bf16":%s}}}\
            """.formatted(name, rate, peak);
    }

    private static String peer(String name, String peer, String compute, double rate, double peak) {
        return """
            {"case":"%s","program":"%s-%s","result":{"peer":"%s","compute":"%s","tokens_per_s":{"best":%s,"median":1},\
            "gemm_gflops":{"fp32":1,"bf16":%s}}}\
            """.formatted(name, peer, compute, peer, compute, rate, peak);
    }

    @Test
    void bestOfAllRoundsIsComparedWithTheBestPeerAndTheHighestPeak() {
        var table = new PeerTable(List.of(
                peer("a 1 × 2", "x", "bf16", 400, 1900),
                cria("a 1 × 2", 900, 1800),
                cria("a 1 × 2", 1000, 1700),
                peer("a 1 × 2", "x", "fp32", 300, 2000),
                peer("a 1 × 2", "x", "bf16", 500, 1900),
                cria("b 3 × 4", 12345, 1500),
                ""));

        assertThat(table.toMarkdown()).isEqualTo("""
            | tokens/s, best of rounds | Cria | x bf16 | x fp32 | best peer | Cria / best peer | bf16 peak, GFLOP/s | Cria's share of it |
            | --- | --- | --- | --- | --- | --- | --- | --- |
            | a 1 × 2, 2 rounds | 1,000 | 500 | 300 | x bf16 | 2.00 | 2,000 | 50% |
            | b 3 × 4, 1 round | 12,345 |  |  |  |  | 1,500 | 823% |
            """);
    }

    @Test
    void peerThatIsNotThereIsNamedWithTheReason() {
        var table = new PeerTable(List.of(cria("a 1 × 2", 1000, 2000), """
            {"case":"a 1 × 2","program":"pytorch-bf16","result":{"skipped":"PyTorch is not installed"}}\
            """));

        assertThat(table.toMarkdown()).endsWith("\nskipped: pytorch-bf16: PyTorch is not installed\n");
    }
}
