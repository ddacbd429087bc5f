package dev.cria.tokenizer;

import dev.cria.tokenizer.BpeModel.Lead;
import dev.cria.tokenizer.DigitSplit.Grouping;
import dev.cria.tokenizer.TextSplitter.Behavior;
import dev.cria.tokenizer.TextSplitter.Metaspace;
import dev.cria.tokenizer.TextSplitter.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the {@code pre_tokenizer} of a {@code tokenizer.json}, and knows the patterns that are scanned by hand. */
final class PreTokenizerJson {
    private static final List<Llama3Pattern> LLAMA_LIKE =
            List.of(new Llama3Pattern(3), new Llama3Pattern(1), new Llama3Pattern(2));
    private static final Pattern GPT2 = unicode(Gpt2Pattern.REGEX);
    private static final Pattern PUNCTUATION = unicode("[!-/:-@\\[-`{-~\\p{P}]");
    private static final Pattern NUMBER = unicode("\\p{N}");
    private static final Pattern WORDS = unicode("\\w+|[^\\w\\s]+");
    private static final Pattern SPACE = unicode("\\s");

    private final List<TextSplitter> stages = new ArrayList<>();

    private PreTokenizerJson(StageJson node) {
        if (!node.isAbsent()) {
            read(node);
        }
    }

    private static Pattern unicode(String regex) {
        return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
    }

    static List<TextSplitter> stages(StageJson node) {
        return new PreTokenizerJson(node).stages;
    }

    private void read(StageJson node) {
        switch (node.type()) {
            case "ByteLevel" -> {
                node.with("add_prefix_space", "trim_offsets", "use_regex");
                boolean prefix = node.flag("add_prefix_space", true);
                boolean regex = node.flag("use_regex", true);
                if (prefix) {
                    stages.add(new TextSplitter.PrefixSpace());
                }
                if (regex) {
                    stages.add(new Split(GPT2, Behavior.ISOLATED, false));
                }
                stages.add(new TextSplitter.ByteLevel());
            }
            case "Split" -> {
                node.with("pattern", "behavior", "invert");
                stages.add(new Split(node.pattern(), behavior(node), node.flag("invert", false)));
            }
            case "Punctuation" -> stages.add(new Split(PUNCTUATION, behavior(node.with("behavior")), false));
            case "Digits" -> {
                boolean alone = node.with("individual_digits").flag("individual_digits", false);
                stages.add(new Split(NUMBER, alone ? Behavior.ISOLATED : Behavior.CONTIGUOUS, false));
            }
            case "Metaspace" -> {
                node.with("replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep");
                stages.add(new Metaspace(node.text("replacement"), node.scheme(), node.flag("split", true)));
            }
            case "Whitespace" -> {
                node.with();
                stages.add(new Split(WORDS, Behavior.REMOVED, true));
            }
            case "WhitespaceSplit" -> {
                node.with();
                stages.add(new Split(SPACE, Behavior.REMOVED, false));
            }
            case "CharDelimiterSplit" ->
                stages.add(new Split(
                        Pattern.compile(Pattern.quote(node.with("delimiter").text("delimiter"))),
                        Behavior.REMOVED,
                        false));
            case "Sequence" -> {
                StageJson list = node.with("pretokenizers").at("pretokenizers");
                for (int i = 0; i < list.node().size(); i++) {
                    read(list.at(i));
                }
            }
            default -> throw node.unsupported();
        }
    }

    private static Behavior behavior(StageJson node) {
        return node.choice("behavior", Behavior.class, Behavior.ISOLATED);
    }

    /** Stages over bytes that cut as these do, and what leads a text; none where these drop or respell something. */
    static Optional<Bytes> overBytes(List<TextSplitter> stages) {
        boolean prefix = !stages.isEmpty() && stages.getFirst() instanceof TextSplitter.PrefixSpace;
        List<TextSplitter> cuts = stages.subList(prefix ? 1 : 0, stages.size());
        boolean toBytes = cuts.size() > 1 && cuts.getLast() instanceof TextSplitter.ByteLevel;
        if (!toBytes) {
            return Optional.empty();
        }
        List<PreTokenizer> patterns = new ArrayList<>();
        for (TextSplitter stage : cuts.subList(0, cuts.size() - 1)) {
            if (!(stage instanceof Split split) || split.behavior() == Behavior.REMOVED) {
                return Optional.empty();
            }
            Optional<PreTokenizer> pattern = overBytes(split);
            if (pattern.isEmpty()) {
                return Optional.empty();
            }
            patterns.add(pattern.get());
        }
        PreTokenizer all = patterns.stream().reduce(PreTokenizerSequence::new).orElseThrow();
        return Optional.of(new Bytes(all, prefix ? Lead.SPACE : Lead.AS_IT_IS));
    }

    record Bytes(PreTokenizer preTokenizer, Lead lead) {}

    private static Optional<PreTokenizer> overBytes(Split split) {
        String regex = split.pattern().pattern();
        if (regex.equals(NUMBER.pattern()) && !split.invert()) {
            return switch (split.behavior()) {
                case ISOLATED -> Optional.of(new DigitSplit(Grouping.EACH_ALONE));
                case CONTIGUOUS -> Optional.of(new DigitSplit(Grouping.RUNS));
                default -> Optional.empty();
            };
        }
        // What is isolated and what lies between is the same either way round.
        if (split.behavior() != Behavior.ISOLATED) {
            return Optional.empty();
        }
        if (regex.equals(Gpt2Pattern.REGEX)) {
            return Optional.of(new Gpt2Pattern());
        }
        Optional<PreTokenizer> known = LLAMA_LIKE.stream()
                .filter(pattern -> regex.equals(pattern.regex()))
                .findFirst()
                .map(pattern -> pattern);
        return known.or(() -> Optional.of(RegexPattern.of(regex)));
    }
}
