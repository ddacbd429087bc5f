package dev.cria.eval.judge;

/**
 * What judging has used.
 *
 * @param requests sent, repeated ones included
 * @param fromCache passages whose scores were known already
 */
public record Usage(long promptTokens, long completionTokens, int requests, int fromCache) {
    static final Usage NONE = new Usage(0, 0, 0, 0);

    Usage afterAnswer(long morePromptTokens, long moreCompletionTokens) {
        return new Usage(promptTokens + morePromptTokens, completionTokens + moreCompletionTokens, requests, fromCache);
    }

    Usage afterRequest() {
        return new Usage(promptTokens, completionTokens, requests + 1, fromCache);
    }

    Usage afterCached() {
        return new Usage(promptTokens, completionTokens, requests, fromCache + 1);
    }

    /** What it costs at a price a million tokens of each kind. */
    public double cost(double promptPrice, double completionPrice) {
        return (promptTokens * promptPrice + completionTokens * completionPrice) / 1e6;
    }
}
