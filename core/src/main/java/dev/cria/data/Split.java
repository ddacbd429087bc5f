package dev.cria.data;

/** What a shard is for. */
public enum Split {
    TRAIN("train"),
    VALIDATION("val");

    private final String inNames;

    Split(String inNames) {
        this.inNames = inNames;
    }

    /** The word in a shard's file name. */
    public String inNames() {
        return inNames;
    }
}
