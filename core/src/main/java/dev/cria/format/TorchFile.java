package dev.cria.format;

import dev.cria.WorkException;
import dev.cria.format.Pickle.Unreadable;
import dev.cria.format.Pickle.Value;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A file of {@code torch.save}: a zip of a pickle and of the tensors' bytes. Read are the tensors of a state dict, alone or
 * as the entry {@code model} of a dict, and the plain values of the entry {@code config}; a shape that isn't laid out row
 * by row is refused, as is all that {@link Pickle} refuses.
 */
public final class TorchFile implements AutoCloseable {
    private static final String ORDERED = "collections.OrderedDict";
    private static final int LARGEST_PICKLE = 1 << 26;

    private static final Map<String, StorageType> TYPES = Map.of(
            "torch.FloatStorage", StorageType.F32,
            "torch.DoubleStorage", StorageType.F64,
            "torch.HalfStorage", StorageType.F16,
            "torch.BFloat16Storage", StorageType.BF16,
            "torch.LongStorage", StorageType.I64,
            "torch.IntStorage", StorageType.I32,
            "torch.BoolStorage", StorageType.BOOL);

    private final Path path;
    private final ZipFile zip;
    private final Map<String, Stored> tensors;
    private final Map<String, Object> config;

    /**
     * Where a tensor lies.
     *
     * @param file within the zip
     * @param offset of its first element
     */
    private record Stored(TensorEntry entry, ZipEntry file, long offset) {}

    private TorchFile(Path path, ZipFile zip, Map<String, Stored> tensors, Map<String, Object> config) {
        this.path = path;
        this.zip = zip;
        this.tensors = tensors;
        this.config = config;
    }

    public static TorchFile open(Path path) {
        try {
            ZipFile zip = new ZipFile(path.toFile());
            try {
                return new Reading(path, zip).read();
            } catch (Unreadable e) {
                zip.close();
                throw damaged(path, String.valueOf(e.getMessage()));
            } catch (IOException | RuntimeException e) {
                zip.close();
                throw e;
            }
        } catch (ZipException e) {
            throw damaged(path, "it is no zip, as torch.save writes since 1.6");
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(path, e);
        }
    }

    private static WorkException damaged(Path path, String why) {
        return new WorkException(
                path + " is not a checkpoint of torch.save that can be read: " + why,
                "load it with torch and save the model's state_dict(), or as safetensors");
    }

    public Path path() {
        return path;
    }

    /** The plain values of the checkpoint's {@code config}: numbers, strings and truths; none where it has none. */
    public Map<String, Object> config() {
        return config;
    }

    public Optional<TensorEntry> find(String name) {
        return Optional.ofNullable(tensors.get(name)).map(Stored::entry);
    }

    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /** A tensor's bytes, little-endian, row by row. */
    public byte[] bytes(String name) {
        Stored stored = Objects.requireNonNull(tensors.get(name), name);
        try (InputStream in = zip.getInputStream(stored.file())) {
            in.skipNBytes(stored.offset() * stored.entry().type().bytes());
            int length = Math.toIntExact(stored.entry().byteSize());
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw damaged(path, name + " ends in the middle");
            }
            return bytes;
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(path, e);
        }
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(path, e);
        }
    }

    /** What the pickle says, checked against the zip. */
    private record Reading(Path path, ZipFile zip) {

        TorchFile read() throws IOException, Unreadable {
            ZipEntry pickle = zip.stream()
                    .filter(entry -> entry.getName().matches("[^/]+/data\\.pkl"))
                    .findFirst()
                    .orElseThrow(() -> damaged(path, "it has no data.pkl"));
            String folder = pickle.getName().substring(0, pickle.getName().indexOf('/') + 1);
            requireLittleEndian(folder);
            if (pickle.getSize() > LARGEST_PICKLE) {
                throw new Unreadable("its pickle has " + pickle.getSize() + " bytes");
            }
            Map<String, Value> all = entries(Pickle.read(content(pickle, LARGEST_PICKLE)));
            Map<String, Value> model = all.get("model") instanceof Value nested ? entries(nested) : all;
            Map<String, Stored> tensors = new LinkedHashMap<>();
            for (var entry : model.entrySet()) {
                if (entry.getValue() instanceof Value.Made made) {
                    tensors.put(entry.getKey(), tensor(entry.getKey(), made, folder));
                }
            }
            if (tensors.isEmpty()) {
                throw new Unreadable("it holds no tensors, neither by itself nor under \"model\"");
            }
            return new TorchFile(path, zip, tensors, config(all));
        }

        private void requireLittleEndian(String folder) throws IOException, Unreadable {
            ZipEntry order = zip.getEntry(folder + "byteorder");
            if (order != null) {
                String words = new String(content(order, 16), StandardCharsets.US_ASCII).strip();
                if (!words.equals("little")) {
                    throw new Unreadable("its byte order is " + words);
                }
            }
        }

        private byte[] content(ZipEntry entry, int most) throws IOException {
            try (InputStream in = zip.getInputStream(entry)) {
                return in.readNBytes(most);
            }
        }

        private static Map<String, Value> entries(Value value) throws Unreadable {
            return switch (value) {
                case Value.Dict dict -> dict.entries;
                case Value.Made made when made.callable.equals(ORDERED) -> made.state;
                default -> throw new Unreadable("it holds another thing where a dict is needed");
            };
        }

        private static Map<String, Object> config(Map<String, Value> all) {
            Map<String, Object> config = new LinkedHashMap<>();
            Map<String, Value> state =
                    switch (all.get("config")) {
                        case Value.Made made -> made.state;
                        case Value.Dict dict -> dict.entries;
                        case null, default -> Map.of();
                    };
            state.forEach((key, value) -> {
                switch (value) {
                    case Value.Text text -> config.put(key, text.text());
                    case Value.Whole whole -> config.put(key, whole.number());
                    case Value.Real real -> config.put(key, real.number());
                    case Value.Truth truth -> config.put(key, truth.is());
                    case Value.None _, Value.Items _, Value.Dict _, Value.Global _, Value.Made _, Value.Outside _ -> {}
                }
            });
            return config;
        }

        /** {@code _rebuild_tensor_v2(storage, offset, size, stride, …)}, or a parameter around that. */
        private Stored tensor(String name, Value.Made made, String folder) throws Unreadable {
            if (made.callable.equals("torch._utils._rebuild_parameter")
                    && !made.arguments.isEmpty()
                    && made.arguments.getFirst() instanceof Value.Made inner
                    && inner.callable.equals("torch._utils._rebuild_tensor_v2")) {
                return tensor(name, inner, folder);
            }
            if (!made.callable.equals("torch._utils._rebuild_tensor_v2") || made.arguments.size() < 4) {
                throw new Unreadable(name + " is made by " + made.callable);
            }
            if (!(made.arguments.getFirst() instanceof Value.Outside storage)
                    || !(made.arguments.get(1) instanceof Value.Whole offset)) {
                throw new Unreadable(name + " has no storage");
            }
            long[] shape = numbers(name, made.arguments.get(2));
            requireRowByRow(name, shape, numbers(name, made.arguments.get(3)));
            return stored(name, shape, storage.id(), offset.number(), folder);
        }

        private Stored stored(String name, long[] shape, List<Value> id, long offset, String folder) throws Unreadable {
            if (id.size() < 3
                    || !(id.get(1) instanceof Value.Global storage)
                    || !(id.get(2) instanceof Value.Text key)
                    || !TYPES.containsKey(storage.name())) {
                throw new Unreadable(name + " has a storage of an unknown kind");
            }
            ZipEntry file = zip.getEntry(folder + "data/" + key.text());
            if (file == null) {
                throw new Unreadable("the bytes of " + name + " are missing");
            }
            StorageType type = Objects.requireNonNull(TYPES.get(storage.name()));
            try {
                long end = Math.addExact(type.bytesOf(shape), Math.multiplyExact(offset, (long) type.bytes()));
                if (offset < 0 || end > file.getSize()) {
                    throw new Unreadable(name + " is larger than its bytes");
                }
            } catch (ArithmeticException e) {
                throw new Unreadable(name + " is larger than its bytes");
            }
            return new Stored(new TensorEntry(name, type, shape), file, offset);
        }

        private static long[] numbers(String name, Value value) throws Unreadable {
            List<Long> numbers = new ArrayList<>();
            if (value instanceof Value.Items items) {
                for (Value item : items.items) {
                    if (item instanceof Value.Whole whole && whole.number() >= 0) {
                        numbers.add(whole.number());
                    }
                }
                if (numbers.size() == items.items.size()) {
                    return numbers.stream().mapToLong(n -> n).toArray();
                }
            }
            throw new Unreadable(name + " has a shape that is no list of numbers");
        }

        private static void requireRowByRow(String name, long[] shape, long[] strides) throws Unreadable {
            long expected = 1;
            for (int i = shape.length - 1; i >= 0; i--) {
                if (strides.length != shape.length || shape[i] > 1 && strides[i] != expected) {
                    throw new Unreadable(name + " is not laid out row by row; save it .contiguous()");
                }
                expected *= Math.max(1, shape[i]);
            }
        }
    }
}
