package dev.cria.eval;

/**
 * What counting alone reaches: unigram, bigram and trigram models of a stream of tokens, against which a trained
 * model's loss is read.
 *
 * <p>The unigram model adds one to each count. Bigram and trigram are interpolated Kneser-Ney with one discount an
 * order, D = n1 / (n1 + 2·n2):
 *
 * <pre>
 * p3(c|ab) = (max(n(abc) − D3, 0) + D3·N(ab·)·p2'(c|b)) / n(ab·)
 * p2(c|b)  = (max(n(bc) − D2, 0)  + D2·N(b·)·p1(c)) / n(b·)
 * p1(c)    = (max(N(·c) − D1, 0)  + D1·N(types)/vocab) / N(··)
 * </pre>
 *
 * where N counts distinct neighbours, and p2' is p2 with n(bc) replaced by N(·bc). A context never seen leaves it to
 * the lower order. Each sums to one over the vocabulary, so that the losses compare with a model's.
 *
 * @see "Kneser and Ney 1995; Chen and Goodman 1999, section 2.7"
 */
public final class NgramBaselines {
    private static final int MAX_VOCABULARY = 1 << 21;

    /** Columns of the bigram table: n(bc), n(bc·), N(bc·), N(·bc). */
    private static final int COUNT = 0;

    private static final int FOLLOWERS_TOTAL = 1;
    private static final int FOLLOWERS = 2;
    private static final int PRECEDERS = 3;

    private final int vocabulary;
    private final long tokens;
    private final NgramTable trigrams = new NgramTable(1);
    private final NgramTable bigrams = new NgramTable(4);

    /** By token: n(c), N(·c); as a context n(b·), N(b·); and in the middle of trigrams, N(·b·) and its distinct c. */
    private final int[] count;

    private final int[] preceders;
    private final int[] followersTotal;
    private final int[] followers;
    private final int[] middleTotal;
    private final int[] middleFollowers;

    private final int typesWithPreceder;
    private final double discount1;
    private final double discount2;
    private final double discountMiddle;
    private final double discount3;

    /** Mean negative log-probability in nats a token, of the same tokens by each model. */
    public record Losses(double unigram, double bigram, double trigram, long tokens) {}

    private NgramBaselines(int vocabulary, int[] stream) {
        this.vocabulary = vocabulary;
        this.tokens = stream.length;
        this.count = new int[vocabulary];
        this.preceders = new int[vocabulary];
        this.followersTotal = new int[vocabulary];
        this.followers = new int[vocabulary];
        this.middleTotal = new int[vocabulary];
        this.middleFollowers = new int[vocabulary];
        countNgrams(stream);
        trigrams.forEach((key, slot) -> {
            int n = trigrams.count(slot, COUNT);
            bigrams.add(key / vocabulary, FOLLOWERS_TOTAL, n);
            bigrams.add(key / vocabulary, FOLLOWERS, 1);
            bigrams.add(key % ((long) vocabulary * vocabulary), PRECEDERS, 1);
        });
        bigrams.forEach(this::countNeighbours);
        int types = 0;
        for (int n : preceders) {
            types += n > 0 ? 1 : 0;
        }
        typesWithPreceder = types;
        discount1 = discount(preceders);
        discount2 = discount(bigrams, COUNT);
        discountMiddle = discount(bigrams, PRECEDERS);
        discount3 = discount(trigrams, COUNT);
    }

    /**
     * Counts a stream; about a microsecond a token, and 30 bytes a distinct trigram.
     *
     * @param stream token ids below the vocabulary's size, three at least
     */
    public static NgramBaselines fit(int vocabulary, int[] stream) {
        if (vocabulary > MAX_VOCABULARY || stream.length < 3) {
            throw new IllegalArgumentException("%d tokens of a vocabulary of %d".formatted(stream.length, vocabulary));
        }
        return new NgramBaselines(vocabulary, stream);
    }

    /** Scores the third and all later tokens of a stream, each given the two before it. */
    public Losses losses(int[] heldOut) {
        double unigram = 0;
        double bigram = 0;
        double trigram = 0;
        for (int i = 2; i < heldOut.length; i++) {
            int a = heldOut[i - 2];
            int b = heldOut[i - 1];
            int c = heldOut[i];
            unigram -= Math.log(unigram(c));
            bigram -= Math.log(bigram(b, c));
            trigram -= Math.log(trigram(a, b, c));
        }
        int scored = Math.max(0, heldOut.length - 2);
        return new Losses(unigram / scored, bigram / scored, trigram / scored, scored);
    }

    double unigram(int c) {
        return (count[c] + 1.0) / (tokens + vocabulary);
    }

    double bigram(int b, int c) {
        int n = bigrams.count(bigrams.slot(key(b, c)), COUNT);
        return interpolated(n, discount2, followers[b], followersTotal[b], continuation(c));
    }

    double trigram(int a, int b, int c) {
        int before = bigrams.slot(key(a, b));
        int n = trigrams.count(trigrams.slot(key(a, b) * vocabulary + c), COUNT);
        int precedersOfBoth = bigrams.count(bigrams.slot(key(b, c)), PRECEDERS);
        double middle =
                interpolated(precedersOfBoth, discountMiddle, middleFollowers[b], middleTotal[b], continuation(c));
        return interpolated(
                n, discount3, bigrams.count(before, FOLLOWERS), bigrams.count(before, FOLLOWERS_TOTAL), middle);
    }

    /** p1: how many different tokens stand before c, with a discount spread evenly over the vocabulary. */
    private double continuation(int c) {
        return interpolated(preceders[c], discount1, typesWithPreceder, bigrams.size(), 1.0 / vocabulary);
    }

    private static double interpolated(int n, double discount, int followers, int total, double lower) {
        return total == 0 ? lower : (Math.max(n - discount, 0) + discount * followers * lower) / total;
    }

    private void countNgrams(int[] stream) {
        for (int i = 0; i < stream.length; i++) {
            int c = stream[i];
            count[c]++;
            if (i >= 1) {
                bigrams.add(key(stream[i - 1], c), COUNT, 1);
            }
            if (i >= 2) {
                trigrams.add(key(stream[i - 2], stream[i - 1]) * vocabulary + c, COUNT, 1);
            }
        }
    }

    private void countNeighbours(long key, int slot) {
        int b = (int) (key / vocabulary);
        int c = (int) (key % vocabulary);
        followersTotal[b] += bigrams.count(slot, COUNT);
        followers[b]++;
        preceders[c]++;
        int both = bigrams.count(slot, PRECEDERS);
        middleTotal[b] += both;
        middleFollowers[b] += both > 0 ? 1 : 0;
    }

    private long key(int b, int c) {
        return (long) b * vocabulary + c;
    }

    private static double discount(NgramTable table, int column) {
        int[] seen = new int[3];
        table.forEach((_, slot) -> seen[Math.min(table.count(slot, column), 3) % 3]++);
        return discount(seen[1], seen[2]);
    }

    private static double discount(int[] counts) {
        int once = 0;
        int twice = 0;
        for (int n : counts) {
            once += n == 1 ? 1 : 0;
            twice += n == 2 ? 1 : 0;
        }
        return discount(once, twice);
    }

    /** Where nothing was seen just once, the estimate is 0, which would leave nothing for the unseen: a half then. */
    private static double discount(int once, int twice) {
        return once == 0 ? 0.5 : once / (once + 2.0 * twice);
    }
}
