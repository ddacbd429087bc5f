package dev.cria.eval.judge;

/** What one judge thinks of one passage. */
public record Judgement(Passage passage, String judge, Scores scores) {}
