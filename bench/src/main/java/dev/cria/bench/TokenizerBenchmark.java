package dev.cria.bench;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * GPT-2 encoding on one thread, Cria's and jtokkit's on the same documents; read the column {@code megabytes}, which
 * is MB of UTF-8 a second.
 *
 * <p>Without a file the text is the 9 MB of definitions and examples of WordNet, English that is on the class path.
 *
 * <pre>{@code
 * mvn -q -B -pl bench -am package -Dquick -Dmaven.test.skip=true dependency:build-classpath -Dmdep.outputFile=target/cp
 * java -cp "bench/target/classes:$(cat bench/target/cp)" org.openjdk.jmh.Main TokenizerBenchmark -p text=FILE
 * }</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class TokenizerBenchmark {
    private static final String WORDNET = "wordnet";
    private static final int DOCUMENT_CHARS = 4_000;

    /** A file in UTF-8, or {@value #WORDNET}. */
    @Param(WORDNET)
    private String text = WORDNET;

    private final Tokenizer cria = Tokenizers.gpt2();
    private final Encoding jtokkit = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    private List<String> documents = List.of();
    private double megabytes;

    /** Megabytes encoded, which JMH divides by the time. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Volume {
        /** Read by JMH. */
        public double megabytes;
    }

    @Setup
    public void read() throws IOException {
        String whole = text.equals(WORDNET) ? WordNetText.glosses() : Files.readString(Path.of(text));
        megabytes = whole.getBytes(StandardCharsets.UTF_8).length / 1e6;
        documents = new ArrayList<>();
        for (int start = 0; start < whole.length(); start += DOCUMENT_CHARS) {
            documents.add(whole.substring(start, Math.min(whole.length(), start + DOCUMENT_CHARS)));
        }
    }

    @Benchmark
    public long cria(Volume volume) {
        long ids = 0;
        for (String document : documents) {
            ids += cria.encode(document).length;
        }
        volume.megabytes += megabytes;
        return ids;
    }

    @Benchmark
    public long jtokkit(Volume volume) {
        long ids = 0;
        for (String document : documents) {
            ids += jtokkit.encodeOrdinary(document).size();
        }
        volume.megabytes += megabytes;
        return ids;
    }
}
