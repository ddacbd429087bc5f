package dev.cria.format;

import dev.cria.WorkException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON header of a safetensors file, believed only after every claim in it was checked against the file's size:
 * known dtypes, shapes that fill their bytes exactly, and tensors that cover the data without overlap or gap.
 *
 * <p>The parser streams and keeps one small record a tensor, so that a lying header costs no more memory than its own
 * length, which the caller has already bounded.
 *
 * @param tensors by name, in the order of their data
 */
record SafetensorsHeader(Map<String, Placed> tensors, Map<String, String> metadata) {
    private static final int MOST_DIMENSIONS = 64;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** A tensor and where its bytes begin and end in the data that follows the header. */
    record Placed(TensorEntry entry, long begin, long end) {}

    /**
     * Parses and checks a header.
     *
     * @param dataBytes how many bytes follow the header in the file
     * @throws WorkException if anything in it is wrong, naming the tensor
     */
    static SafetensorsHeader parse(Path file, byte[] header, long dataBytes) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), header)) {
            return new Reader(file, json, dataBytes).read();
        } catch (JacksonException e) {
            throw damaged(file, "its header is not JSON as the format wants it: " + e.getOriginalMessage());
        }
    }

    static WorkException damaged(Path file, String what) {
        return new WorkException(
                file + " is damaged or not a safetensors file: " + what,
                "fetch or write the file again; its checksum should tell where it changed");
    }

    private record Reader(Path file, JsonParser json, long dataBytes) {

        SafetensorsHeader read() {
            expect(json.nextToken(), JsonToken.START_OBJECT, "the header");
            List<Placed> placed = new ArrayList<>();
            Map<String, String> metadata = Map.of();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                if (name.equals("__metadata__")) {
                    metadata = metadata();
                } else {
                    placed.add(tensor(name));
                }
            }
            if (json.nextToken() != null) {
                throw damaged(file, "something follows the header's closing brace");
            }
            return new SafetensorsHeader(covering(placed), metadata);
        }

        private Map<String, String> metadata() {
            Map<String, String> metadata = new LinkedHashMap<>();
            expect(json.nextToken(), JsonToken.START_OBJECT, "__metadata__");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                expect(json.nextToken(), JsonToken.VALUE_STRING, "__metadata__." + key);
                metadata.put(key, json.getString());
            }
            return Collections.unmodifiableMap(metadata);
        }

        private Placed tensor(String name) {
            String type = "";
            long[] shape = {-1};
            long[] offsets = {};
            expect(json.nextToken(), JsonToken.START_OBJECT, name);
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                json.nextToken();
                switch (key) {
                    case "dtype" -> {
                        expect(json.currentToken(), JsonToken.VALUE_STRING, name + ".dtype");
                        type = json.getString();
                    }
                    case "shape" -> shape = numbers(name + ".shape");
                    case "data_offsets" -> offsets = numbers(name + ".data_offsets");
                    default -> throw damaged(file, name + " has an unknown key '" + key + "'");
                }
            }
            return placed(name, type, shape, offsets);
        }

        private long[] numbers(String what) {
            expect(json.currentToken(), JsonToken.START_ARRAY, what);
            long[] numbers = new long[MOST_DIMENSIONS];
            int n = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
                if (n == MOST_DIMENSIONS) {
                    throw damaged(file, what + " has more than " + MOST_DIMENSIONS + " numbers");
                }
                if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
                    throw damaged(file, what + " holds " + json.getString() + ", not a size");
                }
                numbers[n++] = json.getLongValue();
            }
            return Arrays.copyOf(numbers, n);
        }

        private Placed placed(String name, String type, long[] shape, long[] offsets) {
            if (shape.length == 1 && shape[0] < 0) {
                throw damaged(file, name + " has no shape");
            }
            if (offsets.length != 2) {
                throw damaged(file, name + " has no pair of data_offsets");
            }
            StorageType storage = StorageType.named(type)
                    .orElseThrow(() -> damaged(
                            file, name + " has dtype '" + type + "', not one of " + List.of(StorageType.values())));
            if (offsets[0] > offsets[1] || offsets[1] > dataBytes) {
                throw damaged(
                        file,
                        "%s lies at %d to %d, outside the %d bytes of data"
                                .formatted(name, offsets[0], offsets[1], dataBytes));
            }
            TensorEntry entry = new TensorEntry(name, storage, shape);
            long stated = offsets[1] - offsets[0];
            if (sizeOf(entry) != stated) {
                throw damaged(file, "%s takes %d bytes, which is not what its shape says".formatted(entry, stated));
            }
            return new Placed(entry, offsets[0], offsets[1]);
        }

        private static long sizeOf(TensorEntry entry) {
            try {
                return entry.byteSize();
            } catch (ArithmeticException _) {
                return -1;
            }
        }

        /** Sorted by position and checked to lie end to end over all of the data, as the format demands. */
        private Map<String, Placed> covering(List<Placed> placed) {
            placed.sort(Comparator.comparingLong(Placed::begin).thenComparingLong(Placed::end));
            Map<String, Placed> byName = new LinkedHashMap<>();
            long end = 0;
            for (Placed p : placed) {
                if (p.begin() != end) {
                    throw damaged(
                            file,
                            "%s begins at %d where the tensors before it end at %d"
                                    .formatted(p.entry().name(), p.begin(), end));
                }
                end = p.end();
                byName.put(p.entry().name(), p);
            }
            if (end != dataBytes) {
                throw damaged(file, "its tensors end at " + end + " of " + dataBytes + " bytes of data");
            }
            return Collections.unmodifiableMap(byName);
        }

        private void expect(@Nullable JsonToken found, JsonToken wanted, String what) {
            if (found != wanted) {
                throw damaged(file, what + " is " + found + " where " + wanted + " should be");
            }
        }
    }
}
