package dev.cria.tokenizer;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;

/** Reads the {@code normalizer} of a {@code tokenizer.json}. */
final class NormalizerJson {
    private NormalizerJson() {}

    static Normalizer read(StageJson node) {
        if (node.isAbsent()) {
            return Normalizer.NONE;
        }
        return switch (node.type()) {
            case "NFC", "NFD", "NFKC", "NFKD" -> {
                node.with();
                yield new Normalizer.UnicodeForm(Form.valueOf(node.type()));
            }
            case "Lowercase" -> {
                node.with();
                yield new Normalizer.Lowercase();
            }
            case "StripAccents" -> {
                node.with();
                yield new Normalizer.StripAccents();
            }
            case "Strip" -> {
                node.with("strip_left", "strip_right");
                yield new Normalizer.Strip(node.flag("strip_left", true), node.flag("strip_right", true));
            }
            case "Prepend" -> new Normalizer.Prepend(node.with("prepend").text("prepend"));
            case "Replace" ->
                new Normalizer.Replace(node.with("pattern", "content").pattern(), node.text("content"));
            case "Sequence" -> {
                StageJson list = node.with("normalizers").at("normalizers");
                List<Normalizer> stages = new ArrayList<>();
                for (int i = 0; i < list.node().size(); i++) {
                    stages.add(read(list.at(i)));
                }
                yield new Normalizer.Sequence(stages);
            }
            default -> throw node.unsupported();
        };
    }
}
