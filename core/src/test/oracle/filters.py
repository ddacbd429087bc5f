"""Golden verdicts of datatrove's filters on documents that lie about their thresholds: ../resources/oracle/filters/.

datatrove a649de7 with spaCy 3.8.16. Sentences are our own; what is put between them is chosen by a seed.
    pip install spacy==3.8.16 && PYTHONPATH=datatrove/src python filters.py [SEED DOCUMENTS FILE]
"""
import json, random, sys
from datatrove.data import Document
from datatrove.pipeline.filters.c4_filters import C4QualityFilter
from datatrove.pipeline.filters.fineweb_quality_filter import FineWebQualityFilter
from datatrove.pipeline.filters.gopher_quality_filter import GopherQualityFilter
from datatrove.pipeline.filters.gopher_repetition_filter import GopherRepetitionFilter
from datatrove.utils.text import split_into_words

WORDS = """the be to of and that have with river carries fine sand down from hills leaves where it slows because slow water cannot hold
heavy grains which banks grow until floods moved them again part some other shore far below old towns a in is I we don't they'll he's
can't won't it's John's U.S. Mr. Dr. e.g. i.e. a.m. p.m. etc. Ph.D. 3.14 1,000 $5.00 £20 5km 10kg 20% 3+4 well-known mother-in-law
and/or http://example.org/a?b=c www.example.com user@mail.example.org example.org. naïve größer café Straße Москва 東京 日本語 中文 ไทย
hello...world foo,bar end.Start (see) [sic] "quoted" “curly” ‘single’ «guillemets» it’s Rock'n'Roll C++ C# .NET @name #tag :) ;-) :( <3
-- — – … ... .. !! ?! ?? * & % = + - / \\ | ~ ^ _ under_score x=y a->b <b> 10:30 2024-01-02 v1.2.3 10°C. 5° ½ ² ™ © 😀 👍🏽 é à́ ١٢٣
dont im Im gonna cannot y'all o'clock 'tis 'cause rock'n internationalisation counterrevolutionaries x""".split()
SPACES = [" "] * 12 + ["  ", "\t", "\u00a0", "\u3000", "\u2009", "\u202f", " \u00a0 "]
BREAKS = ["\n"] * 10 + ["\n\n", "\n\n\n", "\r\n", "\u2028", "\u0085", "\x0b", "\x0c", "\n \n", " \n", "\n\u00a0\n", "\x1e", "\n\t"]
ENDS = [".", ".", ".", "!", "?", "", "", "...", "…", '."', ".'", ".”", "。", "！", "？", "؟", "।", ". ", ".\u00a0", ":", ";", ")", ".)", "‽", " [1]", ". [12]", "[edit]."]
BITS = ["{", "}", "{ x }", "if (a) { return; }", "Lorem ipsum", "lorem ipsum dolor sit amet", "LOREM IPSUM here it is", "javascript {", "Please enable JavaScript now",
        "see our privacy policy here", "We use cookies here", "terms of use", "[1] [2] [3]", "[citation needed] is all [12]", "x" * 1001, "x" * 1000 + " is a word", "two words",
        "。。。", "これは文です。次の文です。", "这是一个 句子。 另一个 句子 在 这里。", "\u00a0", "a\u00a0b\u00a0c", "a\u3000b\u3000c", "- item one here", "• item two here", "* starred item here",
        "– dashed item here", "  - indented item", "and so on ...", "and more…", "more … ", "# heading", "## ###", "#a #b #c", "1 2 3 4 5", "1.", "(c)", "A. B. C. D.", "What? No! Yes.", '"Hi." "Ho."',
        "One. Two. Three. Four. Five.", "a.b.c", "İstanbul is İ here", "𝒳𝒴 𝓏 math words 😀😀", "Mr. Smith. went. home.", "He said: \"No.\" Then  . left.", "Wait..  what .. is"]

def sentence(r, least=3, most=14):
    words = [r.choice(WORDS if r.random() < 0.3 else WORDS[:45]) for _ in range(r.randint(least, most))]
    return "".join(w + (r.choice(SPACES) if r.random() < 0.2 else " ") for w in words).rstrip(" ") + r.choice(ENDS)

def line(r, mode):
    if mode == "bits" and r.random() < 0.4: return r.choice(BITS)
    if mode == "bullets": return r.choice(["- ", "• ", "* ", "  -", "\u00a0• ", ""] if r.random() < 0.4 else ["- "]) + sentence(r)
    if mode == "ellipses": return sentence(r) + r.choice(["...", "…", " ...", "… ", ""])
    if mode == "symbols": return " ".join(r.choice(["#", "...", "…", "word", "the", "of", "sand", "and", "river", "water"]) for _ in range(12))
    if mode == "numbers": return " ".join(r.choice(["12", "3.5", "the", "of", "word", "7th", "!", ","]) for _ in range(14))
    if mode == "short": return r.choice(["a", "of", "to be", "it is", "ab cd ef.", "x" * 29 + ".", "x" * 30, "y" * 31 + "."])
    if mode == "chars": return r.choice(["a b of the to ", "internationalisation of the counterrevolutionaries ", "sand of the "]) * r.randint(1, 4)
    if mode == "gaps": return sentence(r, 1, 4)
    if mode == "cjk": return r.choice(["这是一个句子。", "これは文です。", "这 是 一 个 句 子。", "河流 带着 沙子 流 下来。", "the river。"]) * r.randint(1, 4)
    return " ".join(sentence(r) for _ in range(r.randint(1, 3)))

def document(r):
    mode = r.choice("plain plain bits bits bits bullets ellipses symbols numbers short chars gaps cjk repeated copied phrased mixed".split())
    lines = [line(r, r.choice("plain bits bullets ellipses short gaps cjk".split()) if mode == "mixed" else mode) for _ in range(r.randint(1, 14))]
    if mode == "repeated": lines += [r.choice(lines) for _ in range(r.randint(1, len(lines)))]; r.shuffle(lines)
    if mode == "phrased":
        p = sentence(r, 2, 12); lines = [l + " " + p if r.random() < 0.5 else l for l in lines]
    text = "".join(l + (r.choice(BREAKS) if r.random() < 0.5 else "\n") for l in lines)
    if mode == "copied": text = text + r.choice(["\n\n", "\n"]) + text[: r.randint(1, len(text))] + r.choice(["", "\n\n" + text])
    return text if r.random() < 0.3 else text.strip()

def verdict(filter, text):
    doc = Document(text=text, id="")
    try: kept = filter.filter(doc)
    except ZeroDivisionError: return None
    return [True, doc.text if doc.text != text else ""] if kept is True else [False, kept[1]]

def main(seed=7, documents=240, file="../resources/oracle/filters/documents.jsonl"):
    r = random.Random(int(seed))
    filters = dict(gopher_repetition=GopherRepetitionFilter(), gopher_quality=GopherQualityFilter(), c4_lines=C4QualityFilter(filter_no_terminal_punct=False),
                   c4_strict=C4QualityFilter(), fineweb_quality=FineWebQualityFilter(), fineweb_paper=FineWebQualityFilter(char_duplicates_ratio=0.1))
    with open(file, "w", encoding="utf-8") as out:
        for n in range(int(documents)):
            text = document(r)
            row = dict(id=n, text=text, words=split_into_words(text, "en"))
            row.update((name, v) for name, f in filters.items() if (v := verdict(f, text)))
            out.write(json.dumps(row, ensure_ascii=True) + "\n")

main(*sys.argv[1:])
