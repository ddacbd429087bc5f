"""What spaCy's tokenizer for English knows, as data: core/src/main/resources/dev/cria/data/filter/english.json.

spaCy 3.8.16 (MIT, ExplosionAI GmbH) and datatrove at a649de7 (Apache-2.0, Hugging Face), whose filters count its words.
    pip install spacy==3.8.16 && PYTHONPATH=datatrove/src python english.py > english.json
"""
import json, re, sys
from spacy.lang import char_classes as c
from spacy.lang.en import English
from spacy.pipeline import Sentencizer
from spacy.symbols import ORTH
from datatrove.utils.text import PUNCTUATION_SET, TERMINAL_PUNCTUATION

def ranges(matches):
    """The code points for which a test holds, as pairs of first and last."""
    found, start = [], None
    for p in range(0x110000 + 1):
        holds = p < 0x110000 and matches(chr(p))
        if holds and start is None: start = p
        if not holds and start is not None: found += [start, p - 1]; start = None
    return found

def of_class(inside): return ranges(re.compile(f"[{inside}]").match)
def of_set(chars): return ranges(set(chars).__contains__)
def plain(items): return [re.sub(r"\\(.)", r"\1", i) for i in items if i.strip()]

PLACE = dict(al=c.ALPHA_LOWER, e=r"%²\-\+", q=c.CONCAT_QUOTES, p=c.PUNCT)
data = {
    "alpha": of_class(c.ALPHA), "lower": of_class(c.ALPHA_LOWER), "upper": of_class(c.ALPHA_UPPER),
    "icons": of_class(c.ICONS), "quotes": of_class(c.CONCAT_QUOTES),
    "before_point": of_class("0-9{al}{e}{p}(?:{q})".format(**PLACE)),
    "prefixes": plain(["§", "%", "=", "—", "–"] + c.LIST_PUNCT + c.LIST_QUOTES + c.LIST_CURRENCY),
    "suffixes": plain(c.LIST_PUNCT + ["…"] + c.LIST_QUOTES + ["'s", "'S", "’s", "’S", "—", "–"]),
    "after_digit": plain(["+"] + c.CURRENCY.split("|") + c.UNITS.split("|")),
    "hyphens": plain(c.HYPHENS.split("|")),
    "sentence_ends": of_set(Sentencizer.default_punct_chars),
    "terminal": of_set(TERMINAL_PUNCTUATION), "punctuation": of_set(PUNCTUATION_SET),
    "exceptions": {t: [p[ORTH] for p in parts] for t, parts in sorted(English().tokenizer.rules.items()) if not t.isspace()},
}
out = ["{"]
for i, (k, v) in enumerate(data.items()):
    if k == "exceptions":
        out += [' "exceptions": {'] + [f"  {json.dumps(t)}: {json.dumps(p)}," for t, p in v.items()]; out[-1] = out[-1][:-1]; out += [" }"]
    else: out += [f" {json.dumps(k)}: {json.dumps(v)},"]
print("\n".join(out + ["}"]))
