"""GPT-2's ids of texts that encoders get wrong, by tiktoken. Run: python tokenizer.py"""
import json
import pathlib
import random

from gpt2_encoding import END, gpt2

OUT = pathlib.Path(__file__).parent.parent / "resources/oracle/tokenizer"
FIXED = [
    "", " ", "\n", "\t\t x", "a", "Hello, world!", "  two  blanks  ", "trailing   ", "\r\n\r\n", "it's we'll they've I'm he'd you're",
    "IT'S WE'LL", "’s ‘quoted’", "x" * 1000, " " * 777, "\n" * 100 + "end", "1234567890", "3.14e-10", "½ Ⅷ ①²", "a1b2c3",
    "naïve café résumé", "e\u0301 combining", "日本語の本を読む。", "한국어 문장", "สวัสดีชาวโลก", "مرحبا بالعالم", "שלום עולם", "नमस्ते दुनिया",
    "👨‍👩‍👧‍👦 family", "🇩🇪🇫🇷", "🦊🐉" * 40, "𝓫𝓸𝓸𝓴", "\u0000\u0001\u001f", "\u0085next\u2028line\u2029par", "\u00a0nbsp\u3000wide",
    "\ufeffbom", "\u200bzero", "\ue000private", "\U0010ffff", END, "a" + END + "b", "<|im_start|>user", "<|endoftext", "def f(x):\n    return x ** 2\n",
    "{\"key\": [1, 2.5, null]}", "https://example.org/a?b=c&d=%20e#f", "C:\\path\\to", "$E=mc^2$", "— – … • § ¶", "ﷺ ﬁ ǅ",
    "word " * 200, "ab" * 700, "!?" * 300, "The quick brown fox jumps over the lazy dog.",
]
WORDS = ("llama wool grass'll mountain 42 7.5 the of and don't CAPS mixedCase snake_case ünïcödé Ωmega да 雪 🙂 \n \t  ' '' 's ' s - -- ... "
         "(x) [y] a,b;c:d\u00a0e 1st 2nd x86_64").split(" ")


def texts():
    """The fixed cases, and random joins of words that put them side by side in new ways."""
    draw = random.Random(5)
    yield from FIXED
    for _ in range(120):
        yield draw.choice(["", " ", "  "]).join(draw.choice(WORDS) for _ in range(draw.randint(1, 30)))


def special():
    draw = random.Random(6)
    for count in range(20):
        parts = [draw.choice(WORDS + [END, END, "<|endoftext", "|>"]) for _ in range(count)]
        yield draw.choice(["", " "]).join(parts)


def write(name, cases, encode):
    OUT.mkdir(parents=True, exist_ok=True)
    with open(OUT / name, "w", encoding="utf-8", newline="\n") as file:
        for text in cases:
            file.write(json.dumps({"text": text, "ids": encode(text)}, ensure_ascii=False) + "\n")


encoding = gpt2()
write("goldens.jsonl", texts(), encoding.encode_ordinary)
write("special.jsonl", special(), lambda text: encoding.encode(text, allowed_special="all"))
