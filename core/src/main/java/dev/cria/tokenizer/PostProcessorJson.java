package dev.cria.tokenizer;

import dev.cria.tokenizer.Roles.Frame;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Reads what the {@code post_processor} of a {@code tokenizer.json} puts around a text. */
final class PostProcessorJson {
    private PostProcessorJson() {}

    static Frame read(StageJson node) {
        if (node.isAbsent()) {
            return Frame.NONE;
        }
        return switch (node.type()) {
            // Its flags move offsets, which are those of the text here.
            case "ByteLevel" -> {
                node.with("add_prefix_space", "trim_offsets", "use_regex");
                yield Frame.NONE;
            }
            case "TemplateProcessing" -> template(node.with("single", "pair", "special_tokens"));
            case "BertProcessing", "RobertaProcessing" -> {
                node.with("sep", "cls", "trim_offsets", "add_prefix_space");
                yield new Frame(new int[] {id(node, "cls")}, new int[] {id(node, "sep")});
            }
            case "Sequence" -> sequence(node.with("processors").at("processors"));
            default -> throw node.unsupported();
        };
    }

    private static int id(StageJson node, String name) {
        StageJson pair = node.at(name);
        node.file().refuseUnless(pair.node().path(1).canConvertToInt(), pair.key() + " is not a token and its id");
        return pair.node().path(1).intValue();
    }

    private static Frame sequence(StageJson list) {
        Frame all = Frame.NONE;
        for (int i = 0; i < list.node().size(); i++) {
            Frame next = read(list.at(i));
            all = all.within(next);
        }
        return all;
    }

    private static Frame template(StageJson node) {
        StageJson single = node.at("single");
        IntStream before = IntStream.empty();
        IntStream after = IntStream.empty();
        int texts = 0;
        for (int i = 0; i < single.node().size(); i++) {
            JsonNode part = single.node().path(i);
            if (part.has("Sequence")) {
                texts++;
            } else if (texts == 0) {
                before = IntStream.concat(before, ids(node, single.at(i), part));
            } else {
                after = IntStream.concat(after, ids(node, single.at(i), part));
            }
        }
        node.file().refuseUnless(texts == 1, single.key() + " holds the text " + texts + " times, not once");
        return new Frame(before.toArray(), after.toArray());
    }

    private static IntStream ids(StageJson node, StageJson at, JsonNode part) {
        String name = part.path("SpecialToken").path("id").asString("");
        JsonNode ids = node.node().path("special_tokens").path(name).path("ids");
        node.file()
                .refuseUnless(
                        ids.isArray() && ids.valueStream().allMatch(JsonNode::canConvertToInt),
                        at.key() + " is " + part + ", which special_tokens has no ids of");
        return ids.valueStream().mapToInt(JsonNode::intValue);
    }
}
