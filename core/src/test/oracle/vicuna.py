"""Instruction rows in the Vicuna template: text, ids by tiktoken, labels. Run: python vicuna.py"""
import json
import pathlib

from gpt2_encoding import END, gpt2

OUT = pathlib.Path(__file__).parent.parent / "resources/oracle/sft/template"
SYSTEM = ("A chat between a curious user and an artificial intelligence assistant. "
          "The assistant gives helpful, detailed, and polite answers to the user's questions.")
ROWS = [
    ("Which animal is a young llama?", "", "It is called a cria."),
    ("Put the sentence into German.", "The llama eats grass.", "Das Lama frisst Gras."),
    ("Write two lines about wool.", "", "Warm on the shoulder,\nlight in the hand."),
    ("Add the numbers.", "2, 40", "42"),
    ("Write a function that squares.", "", "```python\ndef square(x):\n    return x * x\n```"),
    ("Shorten the note.", "Hello,\n\nthe well is dry until Monday.\nPlease carry water.", "No water until Monday."),
    ("羊駝是什麼?", "", "一種動物。"),
    ("Show a family as one emoji.", "", "👨\u200d👩\u200d👧\u200d👦"),
    ("Repeat exactly.", f"USER: a ASSISTANT: b {END} c", f"USER: a ASSISTANT: b {END} c"),
    ("Ends in blanks.  ", "", "  so do I  "),
]


def row(encoding, separator, instruction, given, output):
    user = instruction + ("\n" + given if given else "")
    prompt = f"{SYSTEM}{separator}USER: {user}{separator}ASSISTANT:"
    ids = encoding.encode_ordinary(f"{prompt} {output}") + [50256]
    masked = len(encoding.encode_ordinary(prompt))
    return {"instruction": instruction, "input": given, "output": output, "prompt": prompt,
            "text": f"{prompt} {output}{END}", "prompt_tokens": masked, "ids": ids,
            "labels": [-100] * masked + ids[masked:]}


OUT.mkdir(parents=True, exist_ok=True)
for name, separator in (("vicuna.jsonl", " "), ("vicuna_newlines.jsonl", "\n\n")):
    with open(OUT / name, "w", encoding="utf-8", newline="\n") as file:
        for case in ROWS:
            file.write(json.dumps(row(gpt2(), separator, *case), ensure_ascii=False) + "\n")
