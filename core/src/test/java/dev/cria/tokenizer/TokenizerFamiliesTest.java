package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.Oracles;
import dev.cria.tokenizer.TokenizerPipe.Literals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every kind of tokenizer gives the ids, the text and the beginnings that Hugging Face's tokenizers does. */
final class TokenizerFamiliesTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    static Stream<Path> families() throws IOException {
        try (Stream<Path> folders = Files.list(Oracles.folder("tokenizer/families"))) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void idsTextAndBeginningsAreThoseOfTheReference(Path folder) throws IOException {
        Tokenizer tokenizer = Tokenizers.load(folder);
        SoftAssertions all = new SoftAssertions();
        List<String> lines =
                List.of(Files.readString(folder.resolve("goldens.jsonl")).split("\n"));
        assertThat(lines).hasSizeGreaterThan(30);
        for (String line : lines) {
            JsonNode golden = MAPPER.readTree(line);
            String text = golden.path("text").stringValue();
            all.assertThat(tokenizer.encode(text)).as("ids of %s", text).isEqualTo(numbers(golden, "ids"));
            int[] special = tokenizer.encodeWithSpecial(text);
            all.assertThat(special).as("special ids of %s", text).isEqualTo(numbers(golden, "special_ids"));
            all.assertThat(tokenizer.roles().frame().around(special))
                    .as("framed ids of %s", text)
                    .isEqualTo(numbers(golden, "framed"));
            all.assertThat(tokenizer.decode(special))
                    .as("decoded %s", text)
                    .isEqualTo(golden.path("decoded").stringValue());
            Tokenizer.Encoded encoded = tokenizer.encodeWithStarts(text, Literals.SPECIAL_TOKENS);
            all.assertThat(encoded.ids()).isEqualTo(special);
            if (keepsCharacters(folder)) {
                int[] starts = numbers(golden, "starts");
                for (int i = 0; i < starts.length; i++) {
                    starts[i] = text.offsetByCodePoints(0, starts[i]);
                }
                all.assertThat(encoded.starts()).as("starts of %s", text).isEqualTo(starts);
            }
        }
        all.assertAll();
    }

    /**
     * Not where a normalizer joins or takes apart characters: both find the letter, but not the same one of its marks. And
     * not where characters are dropped: the reference counts on as if they had not been there.
     */
    private static boolean keepsCharacters(Path folder) {
        return Stream.of("nf", "qwen", "gpt_neox", "replace", "some_bytes", "unk_none")
                .noneMatch(folder.getFileName().toString()::startsWith);
    }

    private static int[] numbers(JsonNode golden, String key) {
        return golden.path(key).valueStream().mapToInt(JsonNode::intValue).toArray();
    }
}
