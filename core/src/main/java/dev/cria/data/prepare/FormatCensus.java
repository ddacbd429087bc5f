package dev.cria.data.prepare;

import java.util.List;

/**
 * Counts documents that hold the markers of instruction formats, which a model trained on them would know before it is
 * ever tuned; the paper suspects that of FineWeb-Edu.
 */
final class FormatCensus {
    static final String SIGN = "marker.";
    static final List<String> MARKERS = List.of(
            "USER:",
            "ASSISTANT:",
            "### Instruction",
            "### Response",
            "### Human",
            "### Assistant",
            "[INST]",
            "<|im_start|>",
            "<|user|>",
            "<|assistant|>");

    private FormatCensus() {}

    /** The signs of the markers that stand in a text. */
    static List<String> markersIn(String text) {
        return MARKERS.stream().filter(text::contains).map(m -> SIGN + m).toList();
    }
}
