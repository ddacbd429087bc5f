package dev.cria.tokenizer;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where tokenizers come from and go to. */
public final class Tokenizers {
    private Tokenizers() {}

    /** GPT-2's, without any file or network; made once. */
    public static Tokenizer gpt2() {
        return Gpt2Once.TOKENIZER;
    }

    private static final class Gpt2Once {
        static final Tokenizer TOKENIZER = Gpt2.tokenizer();
    }

    /**
     * The tokenizer of a Hugging Face model directory, or of one {@code tokenizer.json}.
     *
     * @throws dev.cria.RequestException if there is none, or it is not byte-level BPE; names the file and the key
     */
    public static Tokenizer load(Path directoryOrFile) {
        return TokenizerDirectory.load(directoryOrFile);
    }

    /**
     * The line that writes {@code tokenizer.json} where a directory has a tokenizer in another form, such as
     * SentencePiece's; none where it has no tokenizer at all.
     */
    public static Optional<String> conversion(Path directory) {
        return Stream.of("tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")
                .filter(name -> Files.isRegularFile(directory.resolve(name)))
                .findFirst()
                .map(_ -> "python -c \"from transformers import AutoTokenizer as T; T.from_pretrained('%1$s')"
                                .formatted(directory)
                        + ".save_pretrained('%s')\"".formatted(directory));
    }

    /** What a configuration or {@code --tokenizer} names: {@code gpt2}, or else a directory for {@link #load}. */
    public static Tokenizer named(String name) {
        return name.equals("gpt2") ? gpt2() : load(Path.of(name));
    }

    /**
     * Writes {@link Tokenizer#files} into a directory, which is made if need be.
     *
     * @return the files written
     */
    public static List<Path> save(Tokenizer tokenizer, Path directory) {
        List<Path> written = new ArrayList<>();
        try {
            Files.createDirectories(directory);
            for (Map.Entry<String, byte[]> file : tokenizer.files().entrySet()) {
                written.add(Files.write(directory.resolve(file.getKey()), file.getValue()));
            }
        } catch (IOException e) {
            throw new WorkException(
                    "the tokenizer cannot be written to " + directory + ": " + AtomicFiles.reason(e),
                    "choose a directory on a disk with space and write permission",
                    e);
        }
        return written;
    }

    /** What a person wants to know of a tokenizer, in a few lines. */
    public static String describe(Tokenizer tokenizer) {
        OptionalInt end = tokenizer.endOfText();
        return "vocabulary      " + tokenizer.vocabularySize() + " ids\n"
                + "end of text     " + (end.isPresent() ? named(tokenizer, end.getAsInt()) : "none") + "\n"
                + "special tokens  "
                + tokenizer.specialTokens().values().stream()
                        .map(id -> named(tokenizer, id))
                        .collect(Collectors.joining(", "))
                + "\n"
                + "fingerprint     " + tokenizer.fingerprint() + "\n";
    }

    private static String named(Tokenizer tokenizer, int id) {
        return id + " " + tokenizer.decode(new int[] {id});
    }
}
