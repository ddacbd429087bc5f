package dev.cria.report;

/** How the page names the paper; its numbers are {@link dev.cria.eval.PaperTables}. */
final class Paper {
    static final String CITATION =
            "Li, Fung and Huang, “Experience of Training a 1.7B-Parameter LLaMa Model From" + " Scratch”, 2024";

    private Paper() {}
}
