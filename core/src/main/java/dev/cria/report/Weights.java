package dev.cria.report;

import dev.cria.WorkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A checkpoint's tensors, counted from the headers of its safetensors files, so that no second list of shapes exists.
 *
 * @param parameters elements of all tensors
 * @param inProducts elements of those that stand in a matrix product for every token: two dimensions, the input and
 *     position embeddings not; a tied head counts once
 */
record Weights(long parameters, long inProducts) {
    /** Headers are a few hundred bytes a tensor; more than this is no header. */
    private static final long LARGEST_HEADER = 64L << 20;

    static Optional<Weights> of(Path checkpoint) {
        List<Path> files = files(checkpoint);
        Weights sum = new Weights(0, 0);
        boolean tied = true;
        for (Path file : files) {
            JsonNode header = header(file);
            sum = sum.plus(count(header));
            tied &= !header.has("lm_head.weight");
        }
        if (sum.parameters == 0) {
            return Optional.empty();
        }
        return Optional.of(tied ? sum.plus(new Weights(0, embedding(files))) : sum);
    }

    private static List<Path> files(Path checkpoint) {
        try (Stream<Path> entries = Files.list(checkpoint)) {
            return entries.filter(f -> f.getFileName().toString().matches("model(-\\d+-of-\\d+)?\\.safetensors"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw unreadable(checkpoint, e);
        }
    }

    private static Weights count(JsonNode header) {
        Weights sum = new Weights(0, 0);
        for (var tensor : header.properties()) {
            JsonNode shape = tensor.getValue().path("shape");
            if (shape.isArray()) {
                long elements = elements(shape);
                boolean product = shape.size() == 2 && !isEmbedding(tensor.getKey());
                sum = sum.plus(new Weights(elements, product ? elements : 0));
            }
        }
        return sum;
    }

    private static long embedding(List<Path> files) {
        long elements = 0;
        for (Path file : files) {
            for (var tensor : header(file).properties()) {
                if (tensor.getKey().endsWith("embed_tokens.weight")
                        || tensor.getKey().endsWith("wte.weight")) {
                    elements += elements(tensor.getValue().path("shape"));
                }
            }
        }
        return elements;
    }

    private static boolean isEmbedding(String name) {
        return name.endsWith("embed_tokens.weight") || name.endsWith("wte.weight") || name.endsWith("wpe.weight");
    }

    private static long elements(JsonNode shape) {
        long elements = 1;
        for (JsonNode size : shape) {
            elements *= size.asLong(0);
        }
        return elements;
    }

    private static JsonNode header(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(length, 0);
            long bytes = length.getLong(0);
            if (bytes <= 0 || bytes > LARGEST_HEADER || bytes > channel.size() - 8) {
                throw new IOException("its header claims " + bytes + " bytes");
            }
            ByteBuffer header = ByteBuffer.allocate((int) bytes);
            channel.read(header, 8);
            return JsonFiles.parse(file, new String(header.array(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static WorkException unreadable(Path file, IOException e) {
        return new WorkException(
                file + " cannot be read: " + e.getMessage(), "move it out of the run's checkpoints", e);
    }

    private Weights plus(Weights other) {
        return new Weights(parameters + other.parameters, inProducts + other.inProducts);
    }

    /** FLOPs a token of forward and backward: 6 · parameters in products + 12 · layers · hidden · sequence. */
    double flopsPerToken(double layers, double hidden, double sequence) {
        return 6.0 * inProducts + 12.0 * layers * hidden * sequence;
    }
}
