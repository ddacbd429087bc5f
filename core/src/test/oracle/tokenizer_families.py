"""Small tokenizers of every kind that is read, and the ids, decoded texts and beginnings that tokenizers gives for texts.

Run: python tokenizer_families.py [NAME...]; needs tokenizers 0.23. Its trainer draws lots between equal pairs of the
characters' families, so name those that are to be made anew.
"""
import json, pathlib, random, shutil, sys
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers as n, pre_tokenizers as p, processors, trainers

OUT = pathlib.Path(__file__).parent.parent / "resources/oracle/tokenizer/families"
CORPUS = ["The quick brown fox jumps over the lazy dog, and it's 12345 days old.", "naïve café résumé Ångström — “quoted” text",
          "def f(x):\n    return x ** 2  # a square\n", "Llamas live in the mountains; they don't mind the cold at all.",
          "日本語の本を読む。 안녕하세요 नमस्ते", "a_b-c d/e 3.14 + 2.5 = 5.64 (about)"] * 3
TEXTS = ["", " ", "Hello world", "  two  spaces ", "tabs\t\tand\n\nlines\r\n", "it's 12345 IT'S don’t", "½ ² Ⅷ ٣٤٥ ①", "cafe\u0301 café Å ﬁ ΑΣ İ",
         "q\u0323\u0307 a\u0307\u0323 \u1100\u1161\u11a8x", "日本語 and 안녕", "😀👨\u200d👩 x", "a_b-c?!...d", "<s>x</s> <s> y", "<mask> a <mask>b  <mask>  c",
         "word wordy sword word", "x<a> <A>x<a", "▁a ▁ b▁", "\u00a0nbsp\u3000wide\u0085", "$100.50 (50%)", "A\u0301<pad>É<pad>e\u0301", "<s>", " <s> ", "0x0A <0x0A>", "zzz qqq ###"]
WORDS = "llama 42 7.5 the of don't CAPS ünïc e\u0301 да 雪 🙂 \n \t ' '' 's - -- ... (x) a,b;c \u00a0 <s> </s> <mask> <pad> word ▁ <a> x<a".split(" ")
SPLIT = Regex("[0-9]|[aeiou]")
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def texts(seed):
    draw = random.Random(seed)
    yield from TEXTS
    for _ in range(14):
        yield draw.choice(["", " ", "  "]).join(draw.choice(WORDS) for _ in range(draw.randint(1, 20)))


def byte_level(pre=None, norm=None, post=None, added=(), size=340, prefix=False, alphabet=True, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.normalizer = norm
    tokenizer.pre_tokenizer = pre or p.ByteLevel(add_prefix_space=prefix)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = p.ByteLevel.alphabet() if alphabet else []
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False, special_tokens=["<unk>"] if "unk_token" in model else [])
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens([AddedToken("<s>", special=True), AddedToken("</s>", special=True)])
    tokenizer.add_tokens(list(added))
    tokenizer.post_processor = post(tokenizer) if post else None
    return tokenizer


def sequence(*stages, prefix=False):
    return p.Sequence([*stages, p.ByteLevel(add_prefix_space=prefix, use_regex=False)])


def sentence_piece(norm=None, pre=None, decoder=None, fallback=True, unk="<unk>", fuse=True, added=()):
    specials = ["<unk>", "<s>", "</s>"] + ([f"<0x{b:02X}>" for b in range(256)] if fallback else [])
    trained = Tokenizer(models.BPE())
    trained.normalizer, trained.pre_tokenizer = n.Replace(" ", "▁"), p.Metaspace(prepend_scheme="always")
    trained.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=len(specials) + 150, special_tokens=specials, show_progress=False, limit_alphabet=50))
    model = json.loads(trained.to_str())["model"]
    options = dict(unk_token=unk) if unk else {}
    bpe = models.BPE(model["vocab"], [tuple(m) for m in model["merges"]], byte_fallback=fallback, fuse_unk=fuse, **options)
    tokenizer = Tokenizer(bpe)
    tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder = norm, pre, decoder
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in specials[:3]])
    tokenizer.add_tokens(list(added))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return tokenizer


def llama2_decoder():
    return decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])


def template(single):
    def made(tokenizer):
        ids = [(t, tokenizer.token_to_id(t)) for t in ("<s>", "</s>")]
        return processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single=single, pair=f"{single} $B", special_tokens=ids)])
    return made


def edge(kind, tokenizer):
    s, e = (("<s>", tokenizer.token_to_id("<s>")), ("</s>", tokenizer.token_to_id("</s>")))
    return kind(e, s)


PREPEND = n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")])
MIXED = [AddedToken("<mask>", lstrip=True, normalized=False), AddedToken("word", single_word=True, normalized=True), AddedToken("<pad>", rstrip=True, normalized=True),
         AddedToken("<a>", normalized=False), AddedToken("x<a", normalized=True), AddedToken("É", normalized=True)]
FAMILIES = {
    "qwen": lambda: byte_level(sequence(p.Split(Regex(QWEN), "isolated")), n.NFC()),
    "llama3": lambda: byte_level(sequence(p.Split(Regex(QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|")), "isolated")), post=template("<s> $A"), ignore_merges=True),
    "bos_and_eos": lambda: byte_level(post=template("<s> $A </s>")),
    "roberta": lambda: byte_level(post=lambda t: edge(lambda e, s: processors.RobertaProcessing(e, s, trim_offsets=False), t), prefix=True),
    "bert_frame": lambda: byte_level(post=lambda t: edge(processors.BertProcessing, t)),
    "nfkc_lowercase": lambda: byte_level(norm=n.Sequence([n.NFKC(), n.Lowercase()]), added=MIXED),
    "nfd_accents": lambda: byte_level(norm=n.Sequence([n.NFD(), n.StripAccents()]), added=MIXED),
    "nfkd_strip": lambda: byte_level(norm=n.Sequence([n.NFKD(), n.Strip()])),
    "replace_regex": lambda: byte_level(norm=n.Replace(Regex(r"\s+"), " ")),
    "mixed_added": lambda: byte_level(added=MIXED),
    "prefix_in_sequence": lambda: byte_level(sequence(p.Punctuation("isolated"), prefix=True)),
    "digits": lambda: byte_level(p.Sequence([p.Digits(individual_digits=True), p.ByteLevel(add_prefix_space=False)])),
    "digit_runs": lambda: byte_level(p.Sequence([p.Digits(individual_digits=False), p.ByteLevel(add_prefix_space=False)])),
    "after_bytes": lambda: byte_level(p.Sequence([p.Punctuation("contiguous"), p.ByteLevel(add_prefix_space=False), p.Digits(individual_digits=False), p.Split(Regex("[0-9]{3}"), "isolated")])),
    "some_bytes": lambda: byte_level(size=120, alphabet=False),
    "some_bytes_unk": lambda: byte_level(size=120, alphabet=False, unk_token="<unk>", fuse_unk=True),
    "whitespace": lambda: byte_level(sequence(p.Whitespace())),
    "whitespace_split": lambda: byte_level(sequence(p.WhitespaceSplit())),
    "delimiter": lambda: byte_level(sequence(p.CharDelimiterSplit("_"))),
    "llama2": lambda: sentence_piece(PREPEND, None, llama2_decoder(), added=[AddedToken("<mask>", lstrip=True, normalized=False), AddedToken("<pad>", normalized=True)]),
    "metaspace_always": lambda: sentence_piece(None, p.Metaspace(prepend_scheme="always", split=False), llama2_decoder()),
    "metaspace_first": lambda: sentence_piece(None, p.Metaspace(prepend_scheme="first", split=True), decoders.Metaspace(prepend_scheme="first"), added=[AddedToken("<mask>", normalized=False)]),
    "metaspace_never": lambda: sentence_piece(n.Replace(" ", "▁"), p.Split(" ", "merged_with_previous"), decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])),
    "unk_fused": lambda: sentence_piece(PREPEND, None, decoders.Metaspace(prepend_scheme="never"), fallback=False),
    "unk_each": lambda: sentence_piece(PREPEND, None, decoders.Metaspace(prepend_scheme="always"), fallback=False, fuse=False),
    "unk_none": lambda: sentence_piece(PREPEND, None, decoders.Metaspace(), fallback=False, unk=None),
}
for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
    FAMILIES["split_" + behavior] = lambda b=behavior: byte_level(sequence(p.Split(SPLIT, b)))
    FAMILIES["split_inverted_" + behavior] = lambda b=behavior: byte_level(sequence(p.Split(SPLIT, b, invert=True)))
    FAMILIES["punctuation_" + behavior] = lambda b=behavior: byte_level(sequence(p.Punctuation(b)))
    FAMILIES["string_" + behavior] = lambda b=behavior: byte_level(sequence(p.Split("--", b)))

# The stages that published families have, on small vocabularies.
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
TEKKEN = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
    r"\p{N}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
RUNS = [AddedToken(" " * k, normalized=True) for k in range(9, 1, -1)]
FAMILIES |= {
    "gpt_neox": lambda: byte_level(norm=n.NFC(), post=lambda t: processors.ByteLevel(trim_offsets=False), added=RUNS),
    "falcon": lambda: byte_level(p.Sequence([p.Punctuation("contiguous"), p.ByteLevel(add_prefix_space=False), p.Digits(individual_digits=False),
                                             p.Split(Regex("[0-9][0-9][0-9]"), "isolated")])),
    "bloom": lambda: byte_level(sequence(p.Split(Regex(r" ?[^(\s|[.,!?…。，、।۔،])]+"), "isolated"))),
    "deepseek": lambda: byte_level(sequence(
        p.Split(Regex(r"[\r\n]"), "isolated"), p.Split(Regex(r"\s?\p{L}+"), "isolated"), p.Split(Regex(r"\s?\p{P}+"), "isolated"),
        p.Split(Regex("[一-龥ࠀ-一가-퟿]+"), "isolated"), p.Digits(individual_digits=True)), post=template("<s> $A")),
    "deepseek3": lambda: byte_level(sequence(
        p.Split(Regex(r"\p{N}{1,3}"), "isolated"), p.Split(Regex("[一-龥぀-ゟ゠-ヿ]+"), "isolated"),
        p.Split(Regex(r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
                "isolated"))),
    "opt": lambda: byte_level(post=template("</s> $A")),
    "o200k": lambda: byte_level(sequence(p.Split(Regex(O200K), "isolated")), ignore_merges=True),
    "tekken": lambda: byte_level(sequence(p.Split(Regex(TEKKEN), "isolated")), post=template("<s> $A"), ignore_merges=True),
    "gpt2_split": lambda: byte_level(sequence(p.Split(Regex(GPT2), "removed", invert=True))),
    "phi3": lambda: sentence_piece(PREPEND, None, llama2_decoder(), added=[
        AddedToken(t, rstrip=True, normalized=False, special=True) for t in ("<|user|>", "<|end|>", "<mask>")]),
    "mistral3": lambda: sentence_piece(None, p.Metaspace(prepend_scheme="first", split=False), llama2_decoder(), added=[
        AddedToken("<mask>", normalized=False, special=True)]),
    "yi": lambda: sentence_piece(n.Sequence([n.Replace(" ", "▁")]), None, decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])),
}


def golden(tokenizer, text):
    tokenizer.encode_special_tokens = False
    special = tokenizer.encode(text, add_special_tokens=False)
    framed = tokenizer.encode(text).ids
    tokenizer.encode_special_tokens = True
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    return dict(text=text, ids=ids, special_ids=special.ids, starts=[a for a, _ in special.offsets], framed=framed, decoded=tokenizer.decode(special.ids, skip_special_tokens=False))


for seed, (name, make) in enumerate(FAMILIES.items()):
    if sys.argv[1:] and name not in sys.argv[1:]:
        continue
    tokenizer, folder = make(), OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False), encoding="utf-8")
    with open(folder / "goldens.jsonl", "w", encoding="utf-8", newline="\n") as file:
        for text in texts(seed):
            file.write(json.dumps(golden(tokenizer, text), ensure_ascii=False) + "\n")
