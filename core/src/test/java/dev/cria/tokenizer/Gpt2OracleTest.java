package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.Oracles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** GPT-2's ids are those of tiktoken, in all three ways in, and back. */
final class Gpt2OracleTest {
    private final Tokenizer gpt2 = Tokenizers.gpt2();

    @Test
    void ordinaryTextHasTiktokensIds() throws IOException {
        check(cases("goldens.jsonl"), gpt2::encode);
    }

    @Test
    void specialTextHasTiktokensIds() throws IOException {
        check(cases("special.jsonl"), gpt2::encodeWithSpecial);
    }

    @Test
    void batchHasTiktokensIds() throws IOException {
        List<Golden> cases = cases("goldens.jsonl");
        List<int[]> ids = gpt2.encodeAll(cases.stream().map(Golden::text).toList());
        for (int i = 0; i < cases.size(); i++) {
            assertThat(ids.get(i)).as("case %d", i).isEqualTo(cases.get(i).ids());
        }
    }

    private void check(List<Golden> cases, Function<String, int[]> encode) {
        for (int i = 0; i < cases.size(); i++) {
            Golden golden = cases.get(i);
            assertThat(encode.apply(golden.text())).as("case %d", i).isEqualTo(golden.ids());
            assertThat(gpt2.decode(golden.ids())).as("case %d", i).isEqualTo(golden.text());
        }
    }

    private static List<Golden> cases(String name) throws IOException {
        List<Golden> cases = new ArrayList<>();
        JsonMapper mapper = new JsonMapper();
        for (Path folder : Oracles.folders("tokenizer").toList()) {
            for (String line : Files.readString(folder.resolve(name)).split("\n")) {
                JsonNode node = mapper.readTree(line);
                int[] ids = node.get("ids")
                        .valueStream()
                        .mapToInt(JsonNode::intValue)
                        .toArray();
                cases.add(new Golden(node.get("text").stringValue(), ids));
            }
        }
        assertThat(cases).isNotEmpty();
        return cases;
    }

    private record Golden(String text, int[] ids) {}
}
