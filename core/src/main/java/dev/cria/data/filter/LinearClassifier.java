package dev.cria.data.filter;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import dev.cria.WorkException;
import dev.cria.data.source.Row;
import dev.cria.format.AtomicFiles;
import dev.cria.format.SafetensorsFile;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.StorageType;
import dev.cria.format.TensorSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Scores a text by a weighted sum of its words and word pairs: a linear support vector regression, trained by
 * LIBLINEAR on texts with known scores. Kept in a safetensors file.
 */
public final class LinearClassifier {
    private static final int PLACES = 1 << 18;
    private static final double COST = 10;
    private static final double TOLERANCE = 0.01;
    private static final double INSENSITIVE = 0.1;
    private static final String WEIGHTS = "weights";
    private static final String BIAS = "bias";

    private final float[] weights;
    private final float bias;
    private final String fingerprint;

    private LinearClassifier(float[] weights, float bias, String fingerprint) {
        this.weights = weights;
        this.bias = bias;
        this.fingerprint = fingerprint;
    }

    /**
     * Trains on documents that have scores.
     *
     * @param documents at least two, all with a score
     */
    public static LinearClassifier train(List<Row.Document> documents) {
        Problem problem = new Problem();
        problem.l = documents.size();
        problem.n = PLACES + 1;
        problem.bias = 1;
        problem.x = new Feature[documents.size()][];
        problem.y = new double[documents.size()];
        for (int i = 0; i < documents.size(); i++) {
            problem.x[i] = nodes(TextFeatures.of(documents.get(i).text(), PLACES));
            problem.y[i] = documents.get(i).score().orElseThrow();
        }
        Linear.disableDebugOutput();
        Parameter parameter = new Parameter(SolverType.L2R_L2LOSS_SVR, COST, TOLERANCE, INSENSITIVE);
        return of(Linear.train(problem, parameter));
    }

    /** Places count from 1, and the last is the constant 1 whose weight is the bias. */
    private static Feature[] nodes(TextFeatures features) {
        Feature[] nodes = new Feature[features.places().length + 1];
        for (int i = 0; i < features.places().length; i++) {
            nodes[i] = new FeatureNode(features.places()[i] + 1, features.values()[i]);
        }
        nodes[nodes.length - 1] = new FeatureNode(PLACES + 1, 1);
        return nodes;
    }

    private static LinearClassifier of(Model model) {
        double[] trained = model.getFeatureWeights();
        float[] weights = new float[PLACES];
        for (int i = 0; i < PLACES; i++) {
            weights[i] = (float) trained[i];
        }
        return new LinearClassifier(weights, (float) trained[PLACES], "");
    }

    /** The text's score, on the scale of the training texts' scores. */
    public double score(String text) {
        return TextFeatures.of(text, PLACES).dot(weights) + bias;
    }

    /** Writes the classifier to a file. */
    public void write(Path file) {
        SafetensorsWriter.write(
                file,
                List.of(
                        TensorSource.of(
                                WEIGHTS, StorageType.F32, new long[] {PLACES}, () -> MemorySegment.ofArray(weights)),
                        TensorSource.of(
                                BIAS,
                                StorageType.F32,
                                new long[] {1},
                                () -> MemorySegment.ofArray(new float[] {bias}))),
                Map.of("format", "cria-linear-1"));
    }

    /**
     * Reads a classifier that was written before.
     *
     * @throws WorkException if the file is none
     */
    public static LinearClassifier read(Path file) {
        try (SafetensorsFile stored = SafetensorsFile.open(file)) {
            if (stored.find(WEIGHTS)
                            .filter(e -> e.byteSize() == PLACES * (long) Float.BYTES)
                            .isEmpty()
                    || stored.find(BIAS)
                            .filter(e -> e.byteSize() == Float.BYTES)
                            .isEmpty()) {
                throw new WorkException(
                        file + " is not a classifier: it has the tensors " + stored.names(),
                        "./cria classifier train LABELLED --out " + file);
            }
            ValueLayout.OfFloat layout = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
            return new LinearClassifier(
                    stored.data(WEIGHTS).toArray(layout), stored.data(BIAS).get(layout, 0), AtomicFiles.sha256(file));
        }
    }

    /** The hash of the file it was read from; empty for one just trained. */
    String fingerprint() {
        return fingerprint;
    }
}
