package dev.cria.data.filter;

import dev.cria.RequestException;
import dev.cria.data.source.Row;
import java.util.Optional;

/**
 * Keeps documents whose educational score is high enough: the score that came with them, or a classifier's.
 *
 * @param min FineWeb-Edu keeps 3 and more, on a scale from 0 to 5
 * @param classifier scores the text where it is there; without it the documents must have scores
 * @see "Penedo et al. 2024, The FineWeb Datasets, arXiv 2406.17557, section 4"
 */
public record EduScore(double min, Optional<LinearClassifier> classifier) implements DocumentFilter {

    @Override
    public String name() {
        return "edu_score";
    }

    @Override
    public Verdict judge(TextView document) {
        double score = classifier.isPresent()
                ? classifier.get().score(document.text())
                : document.document().score().orElseThrow(() -> withoutScore(document.document()));
        return score < min ? new Verdict.Drop(name(), Figures.less(score, min)) : Verdict.KEEP;
    }

    private static UnjudgeableException withoutScore(Row.Document document) {
        return new UnjudgeableException(new RequestException(
                "%s row %d has no number under 'score'".formatted(document.source(), document.row()),
                "--skip-bad to continue without such rows, or score the texts with a classifier: ./cria classifier"
                        + " train LABELLED --out edu.safetensors, then --classifier edu.safetensors"));
    }
}
