package dev.cria.tokenizer;

import java.util.ArrayList;
import java.util.List;

/** Reads the {@code decoder} of a {@code tokenizer.json}. */
final class DecoderJson {
    private DecoderJson() {}

    static List<TextDecoder> stages(StageJson node) {
        List<TextDecoder> stages = new ArrayList<>();
        read(node, stages);
        return stages;
    }

    private static void read(StageJson node, List<TextDecoder> stages) {
        switch (node.type()) {
            case "ByteLevel" -> {
                node.with("add_prefix_space", "trim_offsets", "use_regex");
                stages.add(new TextDecoder.ByteLevel());
            }
            case "Replace" ->
                stages.add(
                        new TextDecoder.Replace(node.with("pattern", "content").pattern(), node.text("content")));
            case "ByteFallback" -> {
                node.with();
                stages.add(new TextDecoder.ByteFallback());
            }
            case "Fuse" -> {
                node.with();
                stages.add(new TextDecoder.Fuse());
            }
            case "Strip" -> {
                node.with("content", "start", "stop");
                stages.add(new TextDecoder.Strip(node.text("content"), node.number("start"), node.number("stop")));
            }
            case "Metaspace" -> {
                node.with("replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep");
                stages.add(new TextDecoder.Metaspace(node.text("replacement"), node.scheme()));
            }
            case "Sequence" -> {
                StageJson list = node.with("decoders").at("decoders");
                for (int i = 0; i < list.node().size(); i++) {
                    read(list.at(i), stages);
                }
            }
            default -> throw node.unsupported();
        }
    }
}
