package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.WindowOrder;
import dev.cria.data.Windows;
import dev.cria.model.LanguageModel;
import dev.cria.model.TinyModels;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ValidationLossTest {
    private static final Kernels KERNELS = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
    private static final int POSITIONS = 13;

    @TempDir
    Path directory;

    @Test
    void isTheMeanOverEveryTokenOfEveryWindow() throws IOException {
        int[] tokens = new SplittableRandom(2)
                .ints(5 * POSITIONS + 4, 0, TinyModels.VOCABULARY)
                .toArray();
        shard(tokens);
        try (LanguageModel model = TinyModels.llama(POSITIONS, DType.FLOAT32);
                Shards shards = Shards.open(directory)) {
            Windows windows =
                    shards.windows(Split.VALIDATION, POSITIONS, TinyModels.VOCABULARY, new WindowOrder.Sequential());
            ValidationLoss.Result result =
                    new ValidationLoss(model, KERNELS, Optional.empty()).over(windows, 0, Progress.silent());

            double sum = 0;
            List<Request> asked = new ArrayList<>();
            for (int window = 0; window < 5; window++) {
                for (int i = 1; i <= POSITIONS; i++) {
                    int start = window * POSITIONS;
                    asked.add(new Request(Arrays.copyOfRange(tokens, start, start + i), new int[] {tokens[start + i]}));
                }
            }
            for (double logLikelihood : new ModelScorer(model, KERNELS)
                    .logLikelihoods(asked, Progress.silent().begin("", "", 0))) {
                sum -= logLikelihood;
            }
            assertThat(result.tokens()).isEqualTo(5 * POSITIONS);
            assertThat(result.loss()).isCloseTo(sum / asked.size(), within(1e-5));
            assertThat(result.perplexity()).isCloseTo(Math.exp(result.loss()), within(1e-9));
            assertThat(Arrays.stream(result.lossByPosition()).average().orElseThrow())
                    .isCloseTo(result.loss(), within(1e-12));
            assertThat(result.bitsPerByte()).isEmpty();
            assertThat(new ValidationLoss(model, KERNELS, Optional.empty())
                            .over(windows, 2, Progress.silent())
                            .tokens())
                    .isEqualTo(2 * POSITIONS);
        }
    }

    @Test
    void bitsPerByteLeaveOutWhatIsNoText() throws IOException {
        // Every token stands for two bytes but the end of a document, which is every third.
        int[] tokens = new int[POSITIONS + 1];
        Arrays.setAll(tokens, i -> i % 3 == 0 ? 50 : i);
        shard(tokens);
        try (LanguageModel model = TinyModels.llama(POSITIONS, DType.FLOAT32);
                Shards shards = Shards.open(directory)) {
            Windows windows =
                    shards.windows(Split.VALIDATION, POSITIONS, TinyModels.VOCABULARY, new WindowOrder.Sequential());
            ValidationLoss.Result result =
                    new ValidationLoss(model, KERNELS, Optional.of(new TwoBytes())).over(windows, 0, Progress.silent());

            double text = 0;
            int counted = 0;
            for (int i = 0; i < POSITIONS; i++) {
                if (tokens[i + 1] != 50) {
                    text += result.lossByPosition()[i];
                    counted++;
                }
            }
            assertThat(result.bitsPerByte().orElseThrow()).isCloseTo(text / Math.log(2) / (2 * counted), within(1e-12));
        }
    }

    /** The smallest npy file of uint16. */
    private void shard(int[] tokens) throws IOException {
        String header = "{'descr': '<u2', 'fortran_order': False, 'shape': (" + tokens.length + ",), }";
        String padded = header + " ".repeat(117 - header.length()) + "\n";
        ByteBuffer file = ByteBuffer.allocate(128 + 2 * tokens.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) 118);
        file.put(padded.getBytes(StandardCharsets.US_ASCII));
        for (int token : tokens) {
            file.putShort((short) token);
        }
        Files.write(directory.resolve("x_val_000000.npy"), file.array());
    }

    private static final class TwoBytes extends ByteTokenizer {
        @Override
        public int vocabularySize() {
            return 51;
        }

        @Override
        public byte[] bytes(int id) {
            return new byte[2];
        }

        @Override
        public Map<String, Integer> specialTokens() {
            return Map.of("<|endoftext|>", 50);
        }
    }
}
