package dev.cria.serve;

import java.util.List;

/** Lets a text through up to the first of some words; what may be the beginning of one is held back. */
final class StopText {
    private final List<String> words;
    private String held = "";
    private boolean stopped;

    StopText(List<String> words) {
        this.words = words;
    }

    boolean isStopped() {
        return stopped;
    }

    /** What can be shown now. */
    String accept(String piece) {
        if (stopped) {
            return "";
        }
        String text = held + piece;
        int at =
                words.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(-1);
        if (at >= 0) {
            stopped = true;
            held = "";
            return text.substring(0, at);
        }
        int shown = text.length() - heldBack(text);
        held = text.substring(shown);
        return text.substring(0, shown);
    }

    /** What was held back and turned out to be no word. */
    String finish() {
        String rest = held;
        held = "";
        return rest;
    }

    private int heldBack(String text) {
        int most = 0;
        for (String word : words) {
            for (int count = Math.min(word.length() - 1, text.length()); count > most; count--) {
                if (text.endsWith(word.substring(0, count))) {
                    most = count;
                }
            }
        }
        return most;
    }
}
