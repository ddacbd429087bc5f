package dev.cria.eval.judge;

import java.util.Locale;

/** The six criteria of the paper's Table II, each scored 0 to 10. */
public enum Criterion {
    COHERENCE("Coherence", "the text follows from the prompt and its ideas are connected"),
    FLUENCY("Fluency and grammar", "the sentences are grammatical and read naturally"),
    RELEVANCE("Relevance", "the text stays with the prompt's topic"),
    FACTUAL_ACCURACY("Factual accuracy", "what the text states about the world is true"),
    DEPTH("Depth and completeness", "the topic is treated with detail and brought to an end"),
    CREATIVITY("Creativity", "the text is original and vivid, where the prompt asks for a story");

    private final String title;
    private final String meaning;

    Criterion(String title, String meaning) {
        this.title = title;
        this.meaning = meaning;
    }

    /** The name in files, such as {@code factual_accuracy}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String title() {
        return title;
    }

    /** What a full score means. */
    public String meaning() {
        return meaning;
    }
}
