package dev.cria.eval.judge;

/**
 * A completion to be judged.
 *
 * @param id names it within one judging
 * @param model the directory or address of the model that wrote it; judges don't see it
 * @param weights the hash of that model's weights; empty where it is not known
 * @param step of the checkpoint, 0 where the model is none
 * @param text without the prompt
 */
public record Passage(String id, String model, String weights, long step, String prompt, String text) {
    public Passage(String id, String model, long step, String prompt, String text) {
        this(id, model, "", step, prompt, text);
    }
}
