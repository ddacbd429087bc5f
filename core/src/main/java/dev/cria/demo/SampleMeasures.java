package dev.cria.demo;

import dev.cria.Progress;
import dev.cria.eval.ModelScorer;
import dev.cria.eval.judge.JudgedPassages;
import dev.cria.eval.judge.Passage;
import dev.cria.eval.judge.PassagePerplexity;
import dev.cria.eval.judge.ScoringSheet;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import dev.cria.weights.ModelPlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What can be measured of the samples without a judge, in the file that {@code judge} writes, and beside it a blind scoring
 * sheet, for people who want to be the judges.
 */
record SampleMeasures(DemoFiles files, long seed, Progress progress) {

    void run() {
        List<Passage> passages = new ArrayList<>();
        for (Line.Sample sample : new RunFiles(files.run()).samples()) {
            passages.add(new Passage(
                    Integer.toString(passages.size() + 1),
                    files.run().toString(),
                    sample.step(),
                    sample.prompt(),
                    sample.text()));
        }
        Path out = files.run().resolve(RunFiles.JUDGED);
        try (OpenModel open = OpenModel.open(ModelPlace.of(files.run()))) {
            var scorer = new ModelScorer(open.model(), open.kernels());
            var perplexities = PassagePerplexity.of(passages, open.tokenizer(), scorer, progress);
            new JudgedPassages(passages, List.of(), perplexities).write(out);
        }
        ScoringSheet sheet = ScoringSheet.beside(out);
        sheet.write(passages, seed);
        progress.say("samples    " + out + "; to score them yourself, open "
                + sheet.files().getFirst());
    }
}
