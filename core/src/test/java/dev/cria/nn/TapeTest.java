package dev.cria.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.TinyModels;
import dev.cria.model.Tokens;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.weights.Models;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a tape says during its backward about the gradients that it is done with. */
final class TapeTest {
    private static final int SEQ = 5;

    @ParameterizedTest
    @EnumSource(names = {"TRAINING", "TRAINING_RECOMPUTING_BLOCKS"})
    void eachGradientIsSaidToBeFinishedOnceAndIsNotTouchedAfterwards(Tape.Mode mode) {
        check(TinyModels.llamaConfig(SEQ), mode, "model.embed_tokens.weight");
    }

    @ParameterizedTest
    @EnumSource(names = {"TRAINING", "TRAINING_RECOMPUTING_BLOCKS"})
    void aTableThatIsTheHeadTooIsFinishedOnlyAfterBothUses(Tape.Mode mode) {
        check(TinyModels.gpt2Config(SEQ), mode, "transformer.wpe.weight");
    }

    private static void check(ModelConfig config, Tape.Mode mode, String last) {
        var storage = Storage.training(DType.FLOAT32, DType.FLOAT32);
        try (LanguageModel model = Models.create(config, Device.CPU, storage, 3)) {
            Map<Parameter, float[]> whenFinished = new LinkedHashMap<>();
            List<String> order = new ArrayList<>();
            run(model, mode, parameter -> {
                whenFinished.put(parameter, parameter.gradient().orElseThrow().toFloats());
                order.add(parameter.spec().name());
            });
            assertThat(order)
                    .doesNotHaveDuplicates()
                    .hasSameSizeAs(model.parameters().list());
            whenFinished.forEach((parameter, numbers) -> assertThat(
                            parameter.gradient().orElseThrow().toFloats())
                    .as(parameter.spec().name())
                    .containsExactly(numbers));
            assertThat(order.getLast()).isEqualTo(last);
        }
    }

    private static void run(LanguageModel model, Tape.Mode mode, Consumer<Parameter> finished) {
        long[] ids = LongStream.range(0, 2 * SEQ)
                .map(i -> (i * 17 + 3) % TinyModels.VOCABULARY)
                .toArray();
        try (var scope = new Scope();
                var tape = new Tape(Kernels.of(Device.CPU, Kernels.Choice.REFERENCE), mode, finished)) {
            Tensor tensor = scope.own(Tensor.of(ids, ids.length));
            Tokens tokens = Tokens.of(scope, Device.CPU, tensor, 2, SEQ);
            Value hidden = model.hidden(tape, tokens, Attention.wholeRows());
            tape.linearCrossEntropy(hidden, model.head(), tensor, 0.1);
            tape.backward();
        }
    }
}
