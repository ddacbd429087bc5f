package dev.cria.data;

import java.util.Locale;

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

    /** What the shard with that number is for: the first one is for validation. */
    public static Split ofShard(int number) {
        return number == 0 ? VALIDATION : TRAIN;
    }

    /** The name of the file of a shard, such as {@code shard_train_000001.npy}. */
    public static String fileName(String prefix, int number) {
        return String.format(
                Locale.ROOT, "%s_%s_%06d.npy", prefix, ofShard(number).inNames(), number);
    }
}
