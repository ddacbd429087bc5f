package dev.cria.eval.judge;

/** Scores passages without knowing which model wrote them. */
public interface Judge {

    /** The name under which the scores are kept. */
    String name();

    Scores score(Passage passage);
}
