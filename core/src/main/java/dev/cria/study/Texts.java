package dev.cria.study;

import dev.cria.eval.judge.JudgedPassages;
import dev.cria.eval.judge.Judgement;
import dev.cria.eval.judge.Passage;
import dev.cria.eval.judge.TextMeasures;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** What the checkpoints wrote, with what was found out about it; in the order in which it was written. */
record Texts(List<Text> all) {
    /**
     * @param perplexity under the model that {@code judge} measured with, the last one
     * @param judged the mean of the six criteria over all judges
     */
    record Text(
            long step,
            String prompt,
            String words,
            TextMeasures measures,
            OptionalDouble perplexity,
            OptionalDouble judged) {}

    private record Key(long step, String prompt, String text) {
        static Key of(Passage passage) {
            return new Key(passage.step(), passage.prompt(), passage.text());
        }
    }

    /** The samples of a run, and the texts of its {@code judged.jsonl} beside them. */
    static Texts of(RunFiles files) {
        Optional<JudgedPassages> judged = JudgedPassages.read(files.inOrBeside(RunFiles.JUDGED));
        Map<Key, Double> perplexities = new HashMap<>();
        Map<Key, List<Double>> scores = new HashMap<>();
        List<Key> keys = new ArrayList<>();
        for (Line.Sample sample : files.samples()) {
            keys.add(new Key(sample.step(), sample.prompt(), sample.text()));
        }
        Set<Key> sampled = new HashSet<>(keys);
        judged.ifPresent(passages -> {
            for (Passage passage : passages.passages()) {
                Key key = Key.of(passage);
                Optional.ofNullable(passages.perplexities().get(passage.id()))
                        .ifPresent(perplexity -> perplexities.put(key, perplexity));
                if (sampled.add(key)) {
                    keys.add(key);
                }
            }
            for (Judgement judgement : passages.judgements()) {
                scores.computeIfAbsent(Key.of(judgement.passage()), _ -> new ArrayList<>())
                        .add(judgement.scores().average());
            }
        });
        return new Texts(keys.stream()
                .map(key -> new Text(
                        key.step(),
                        key.prompt(),
                        new Line.Sample(key.step(), key.prompt(), 0, key.text()).completion(),
                        TextMeasures.of(key.text()),
                        perplexities.containsKey(key)
                                ? OptionalDouble.of(perplexities.get(key))
                                : OptionalDouble.empty(),
                        scores.getOrDefault(key, List.of()).stream()
                                .mapToDouble(score -> score)
                                .average()))
                .toList());
    }
}
