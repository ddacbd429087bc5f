package dev.cria.eval.judge;

/**
 * A completion to be judged.
 *
 * @param id names it within one judging
 * @param model the directory of the model that wrote it; judges don't see it
 * @param step of the checkpoint, 0 where the model is none
 * @param text without the prompt
 */
public record Passage(String id, String model, long step, String prompt, String text) {}
