package dev.cria.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.RequestException;
import dev.cria.generate.BatchRequest.Scores;
import dev.cria.generate.Completion.Stop;
import dev.cria.generate.ContinuousBatch.Asked;
import dev.cria.generate.ContinuousBatch.Ticket;
import dev.cria.model.LanguageModel;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.model.TinyModels;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.cpu.CpuFeatures;
import dev.cria.weights.Models;
import dev.cria.weights.PartEdit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
final class ContinuousBatchTest {
    private static final Kernels KERNELS = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
    private static final int POSITIONS = 64;

    /** Remembers what it hears. */
    private static class Hearer implements BatchListener {
        final List<Scored> prompt = new ArrayList<>();
        final List<Scored> chosen = new ArrayList<>();
        final CountDownLatch first = new CountDownLatch(1);
        final CountDownLatch end = new CountDownLatch(1);
        int cached = -1;
        Stop stop = Stop.LENGTH;

        @Override
        public void prompt(Scored token) {
            prompt.add(token);
        }

        @Override
        public void begun(int tokens) {
            cached = tokens;
        }

        @Override
        public TokenListener.Next chosen(Scored token) {
            chosen.add(token);
            first.countDown();
            return TokenListener.Next.CONTINUE;
        }

        @Override
        public void ended(Stop why) {
            stop = why;
            end.countDown();
        }

        @Override
        public void failed(RuntimeException why) {
            throw why;
        }

        int[] ids() throws InterruptedException {
            assertThat(end.await(180, TimeUnit.SECONDS)).isTrue();
            return chosen.stream().mapToInt(Scored::id).toArray();
        }
    }

    /** In int8, whose matrix products are exact, even the probabilities are those of the answer that is given alone. */
    @ParameterizedTest
    @ValueSource(strings = {"FLOAT32", "BFLOAT16"})
    void anInt8AnswerDoesNotDependOnItsCompanyInAnyBit(DType activations, @TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(CpuFeatures.here().hasAvx512Vnni(), "no products of bytes");
        Path directory =
                SmallDirectories.write(SmallDirectories.llama(new RopeScaling.None(), false), folder, DType.FLOAT32);
        var random = new Random(8);
        List<BatchRequest> requests = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            requests.add(request(prompt(random), 6, new Sampling(0.9, 0, 1), i, Scores.values()[i % 3]));
        }
        try (LanguageModel model = Models.loadQuantized(directory, Device.CPU, activations, PartEdit.none())) {
            List<BatchRequest> twice = new ArrayList<>(requests);
            twice.addAll(requests);
            List<Hearer> together = answers(model, twice, 6, 5);
            for (int i = 0; i < twice.size(); i++) {
                Hearer alone = answers(model, List.of(twice.get(i)), 1, 256).getFirst();
                assertThat(together.get(i).prompt).as("request %d", i).isEqualTo(alone.prompt);
                assertThat(together.get(i).chosen).as("request %d", i).isEqualTo(alone.chosen);
            }
            assertThat(together).anyMatch(hearer -> hearer.cached > 0);
        }
    }

    private static List<Hearer> answers(LanguageModel model, List<BatchRequest> requests, int rows, int tokensPerStep)
            throws InterruptedException {
        List<Hearer> hearers = new ArrayList<>();
        try (ContinuousBatch batch = batch(model, rows, 100, 1000, tokensPerStep)) {
            for (BatchRequest request : requests) {
                hearers.add(new Hearer());
                batch.submit(List.of(new Asked(request, hearers.getLast())));
            }
            for (Hearer hearer : hearers) {
                hearer.ids();
            }
        }
        return hearers;
    }

    private static BatchRequest request(int[] prompt, int tokens, Sampling sampling, long seed, Scores scores) {
        return new BatchRequest(
                prompt, tokens, sampling, seed, 0, TinyModels.VOCABULARY, Set.of(3), Map.of(), scores, 4);
    }

    private static ContinuousBatch batch(LanguageModel model, int rows, int waiting, long places, int tokensPerStep) {
        return new ContinuousBatch(
                model, KERNELS, new BatchLimits(rows, waiting, places, tokensPerStep), new ReentrantLock());
    }

    /** Prompts that often begin alike, as a chat's turns do. */
    private static int[] prompt(Random random) {
        int[] prompt = new Random(random.nextInt(4))
                .ints(1 + random.nextInt(24), 0, 53)
                .toArray();
        if (random.nextBoolean()) {
            prompt[prompt.length - 1] = random.nextInt(53);
        }
        return prompt;
    }

    @ParameterizedTest
    @CsvSource({"llama, 3, 100, 7", "llama, 8, 1000, 256", "gpt2, 5, 300, 3", "llama, 1, 64, 1"})
    void everyAnswerIsTheOneThatWouldBeGivenAlone(String family, int rows, long places, int tokensPerStep)
            throws InterruptedException {
        var random = new Random(5);
        try (LanguageModel model = TinyModels.of(family, POSITIONS, DType.FLOAT32);
                ContinuousBatch batch = batch(model, rows, 100, places, tokensPerStep)) {
            List<BatchRequest> requests = new ArrayList<>();
            List<Hearer> hearers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                var sampling = random.nextInt(3) == 0
                        ? Sampling.greedy()
                        : new Sampling(0.5 + random.nextDouble(), random.nextInt(20), 0.5 + random.nextDouble() / 2);
                var scores = Scores.values()[random.nextInt(3)];
                requests.add(request(prompt(random), random.nextInt(30), sampling, i, scores));
                hearers.add(new Hearer());
                batch.submit(List.of(new Asked(requests.getLast(), hearers.getLast())));
                if (i % 7 == 0) {
                    hearers.get(random.nextInt(hearers.size())).end.await(180, TimeUnit.SECONDS);
                }
            }
            var generator = new Generator(model, KERNELS);
            for (int i = 0; i < requests.size(); i++) {
                BatchRequest asked = requests.get(i);
                var options = new GenerateOptions(
                        asked.maxNewTokens(), asked.sampling(), asked.seed(), 1, TinyModels.VOCABULARY, Set.of(3));
                Completion alone = generator.generate(asked.prompt(), options).getFirst();
                assertThat(hearers.get(i).ids()).as("request %d", i).isEqualTo(alone.ids());
                assertThat(hearers.get(i).stop).as("request %d", i).isEqualTo(alone.stop());
            }
            assertThat(hearers.stream().mapToInt(h -> h.cached).max().orElseThrow())
                    .isPositive();
        }
    }

    /** Each logprob against the softmax of the model's own logits, read in another way; 1e-4 is of float32 sums. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 256})
    void theProbabilitiesAreTheModels(int tokensPerStep) throws InterruptedException {
        int[] prompt = {5, 17, 9, 40, 8, 52, 0};
        try (LanguageModel model = TinyModels.llama(POSITIONS, DType.FLOAT32);
                ContinuousBatch batch = batch(model, 2, 2, 200, tokensPerStep)) {
            var hearer = new Hearer();
            batch.submit(
                    List.of(new Asked(request(prompt, 6, Sampling.greedy(), 0, Scores.PROMPT_AND_CHOSEN), hearer)));
            hearer.ids();

            var generator = new Generator(model, KERNELS);
            List<Scored> all = new ArrayList<>(hearer.prompt);
            all.addAll(hearer.chosen);
            int[] text = all.stream().mapToInt(Scored::id).toArray();
            assertThat(text).startsWith(prompt);
            assertThat(all.getFirst().logprob()).isNaN();
            for (int i = 1; i < text.length; i++) {
                double[] next = generator.nextToken(Arrays.copyOf(text, i), TinyModels.VOCABULARY);
                assertThat(all.get(i).logprob()).isCloseTo(Math.log(next[text[i]]), within(1e-4));
                var likeliest = all.get(i).likeliest();
                assertThat(likeliest).hasSize(4);
                assertThat(likeliest.getFirst().logprob())
                        .isCloseTo(Math.log(Arrays.stream(next).max().orElseThrow()), within(1e-4));
            }
        }
    }

    @Test
    void whoGoesAwayFreesARowForTheNext() throws InterruptedException {
        try (LanguageModel model = TinyModels.llama(100_000, DType.FLOAT32);
                ContinuousBatch batch = batch(model, 1, 4, 100_000, 64)) {
            var endless = new Hearer();
            var next = new Hearer();
            int[] prompt = {1, 2};
            Ticket ticket = batch.submit(List.of(new Asked(unending(prompt, 50_000), endless)))
                    .getFirst();
            batch.submit(List.of(new Asked(unending(new int[] {9, 8}, 3), next)));
            assertThat(endless.first.await(180, TimeUnit.SECONDS)).isTrue();
            assertThat(next.chosen).isEmpty();
            ticket.cancel();

            assertThat(next.ids()).hasSize(3);
            assertThat(endless.stop).isEqualTo(Stop.CANCELLED);
            assertThat(endless.chosen.size()).isLessThan(50_000);
        }
    }

    private static BatchRequest unending(int[] prompt, int tokens) {
        return new BatchRequest(prompt, tokens, new Sampling(1, 0, 1), 1, 0, 53, Set.of(), Map.of(), Scores.NONE, 0);
    }

    @Test
    void moreThanMayWaitAreTurnedAwayAllAtOnce() throws InterruptedException {
        try (LanguageModel model = TinyModels.llama(100_000, DType.FLOAT32);
                ContinuousBatch batch = batch(model, 1, 2, 100_000, 64)) {
            var first = new Hearer();
            Ticket ticket = batch.submit(List.of(new Asked(unending(new int[] {1}, 50_000), first)))
                    .getFirst();
            assertThat(first.first.await(180, TimeUnit.SECONDS)).isTrue();
            List<Asked> three = List.of(
                    new Asked(unending(new int[] {2}, 1), new Hearer()),
                    new Asked(unending(new int[] {2}, 1), new Hearer()),
                    new Asked(unending(new int[] {2}, 1), new Hearer()));
            assertThatThrownBy(() -> batch.submit(three)).isInstanceOf(BatchFullException.class);
            assertThat(batch.waiting()).isZero();
            batch.submit(three.subList(0, 2));
            ticket.cancel();
        }
    }

    /** One that asks for many completions takes turns with one that asks for a single one. */
    @Test
    void aCallerWithManyCompletionsKeepsNobodyWaitingForThemAll() throws InterruptedException {
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        try (LanguageModel model = TinyModels.llama(POSITIONS, DType.FLOAT32);
                ContinuousBatch batch = batch(model, 1, 100, 1000, 64)) {
            List<Asked> many = new ArrayList<>();
            List<Hearer> hearers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                hearers.add(ordered(order, 0));
                many.add(new Asked(unending(new int[] {i}, 20), hearers.getLast()));
            }
            Hearer single = ordered(order, 1);
            batch.submit(many);
            batch.submit(List.of(new Asked(unending(new int[] {40}, 20), single)));
            single.ids();
            for (Hearer hearer : hearers) {
                hearer.ids();
            }
            assertThat(order.indexOf(1)).isLessThan(10);
        }
    }

    private static Hearer ordered(List<Integer> order, int who) {
        return new Hearer() {
            @Override
            public void ended(Stop why) {
                order.add(who);
                super.ended(why);
            }
        };
    }

    @Test
    void aRequestThatCannotFitIsRefusedBeforeItWaits() {
        try (LanguageModel model = TinyModels.llama(POSITIONS, DType.FLOAT32);
                ContinuousBatch batch = batch(model, 1, 2, 1000, 64)) {
            assertThatThrownBy(() -> batch.submit(List.of(new Asked(unending(new int[60], 6), new Hearer()))))
                    .isInstanceOf(RequestException.class);
            assertThatThrownBy(() -> batch.submit(List.of(new Asked(unending(new int[] {53}, 6), new Hearer()))))
                    .isInstanceOf(RequestException.class);
        }
    }
}
