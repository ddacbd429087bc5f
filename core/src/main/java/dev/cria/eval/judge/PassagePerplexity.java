package dev.cria.eval.judge;

import dev.cria.Progress;
import dev.cria.eval.Request;
import dev.cria.eval.Scorer;
import dev.cria.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How surprising passages are to one model, given their prompts: e to the mean loss a token. */
public final class PassagePerplexity {
    private PassagePerplexity() {}

    /** By the passages' ids; a passage without a token, or with an empty prompt, has none. */
    public static Map<String, Double> of(
            List<Passage> passages, Tokenizer tokenizer, Scorer scorer, Progress progress) {
        List<String> ids = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        for (Passage passage : passages) {
            int[] prompt = tokenizer.encode(passage.prompt());
            int[] text = tokenizer.encode(passage.text());
            if (prompt.length > 0 && text.length > 0) {
                ids.add(passage.id());
                requests.add(new Request(prompt, text));
            }
        }
        Map<String, Double> perplexities = new HashMap<>();
        try (Progress.Task task = progress.begin("perplexity", "passages", requests.size())) {
            double[] sums = scorer.logLikelihoods(requests, task);
            for (int i = 0; i < sums.length; i++) {
                int scored = Math.min(requests.get(i).continuation().length, scorer.positions());
                perplexities.put(ids.get(i), Math.exp(-sums[i] / scored));
            }
        }
        return perplexities;
    }
}
