"""Rows of our own in the schemas of the seven benchmarks: ordinary ones, and corners where readers differ."""

LETTERS = "ABCDE"


def arc(question, answers, gold, labels=LETTERS):
    return {"id": "own", "question": question, "choices": {"text": answers, "label": list(labels[:len(answers)])},
            "answerKey": labels[gold]}


def book(stem, answers, gold, before=""):
    return {"id": "own", "question_stem": stem, "choices": {"text": answers, "label": list(LETTERS[:len(answers)])},
            "answerKey": before + LETTERS[gold]}


def swag(label, a, b, endings, gold):
    return {"ind": 0, "activity_label": label, "ctx_a": a, "ctx_b": b, "ctx": f"{a} {b}", "endings": endings,
            "label": str(gold), "split": "val"}


ROWS = {
    "hellaswag": [
        swag("Shearing wool", "A woman holds a llama by its rope.", "she", [
            "cuts the wool from its back.", "paints the barn blue.", "drives the llama to the moon.", "reads a book to the rope."], 0),
        swag("Home and Garden", "[header] How to dig a well [title] Choose the place. [step] Look where the grass is green.", "", [
            "[substeps] Ask a neighbour.", "Dig  deep. [title] Rest.", "[title] Bring a ladder. [step] Use   strong rope.", "Sell it."], 2),
        swag("Cooking soup", "He puts a POT on the Fire.", "the COOK then ADDS salt", [
            "and stirs.", " with a spoon. ", "over  the    floor.", "éverywhere"], 0),
        swag("Running", "A boy runs along the river path.", "he", [
            "jumps over a fallen tree and runs on.", "becomes a fish.", "sleeps in the air.", "closes the river."], 0),
        swag("Youth", "[header] How to wait [step]", "", ["Sit down.", "[step] Count to nine.", "Shout.", "Walk [title] Come back."], 1),
        swag("Snow", " ".join(f"On day {i} it snows on hill {i}." for i in range(12)), "then", [
            "the sun comes out.", "the hills sing.", "the snow is hot.", "nobody was a hill."], 0),
    ],
    "arc_easy": [
        arc("Which of these is a mammal?", ["frog", "llama", "trout", "ant"], 1, "1234"),
        arc("How many legs has a beetle?", ["six", "eight", "ten"], 0),
        arc("What falls from clouds?", ["rain", "sand", "bread", "wood"], 0),
        arc("Water becomes ice when it is", ["heated", "frozen", "sung to", "poured"], 1),
        arc("Which one gives light?", ["a lamp", "a stone", "a shoe", "a spoon"], 0),
        arc("A plant grows from a", ["seed", "nail", "shadow", "tune"], 0),
    ],
    "arc_challenge": [
        arc("Which of the planets is farthest from the Sun?", ["Venus", "Mars", "Neptune", "Earth", "Saturn"], 2),
        arc("Water boils at\nwhich temperature at sea level?  ", ["0 °C", "100 °C", "−40 °C", "273 °C"], 1, "1234"),
        arc("Why does a llama have thick wool?", ["to keep warm in the mountains", "to float", "to be seen at night", "to hear"], 0),
        arc("Which change makes a new substance?", ["ice melting", "wood burning", "sugar dissolving", "glass breaking"], 1),
        arc("What moves the blades of a windmill?", ["moving air", "moonlight", "salt", "echoes"], 0),
        arc("A magnet attracts", ["an iron nail", "a feather", "a leaf"], 0),
    ],
    "openbookqa": [
        book("A llama needs ", ["grass", "stone", "a kite", "sand"], 0),
        book("Plants turn toward \n", ["light", "mud", "noise", "wax"], 0, " "),
        book("", ["one thing", "another thing", "nothing", "😀😀😀😀"], 2),
        book("The sign shows", ["🦊🦊🦊🦊🦊🦊", "a llama on a hill", "naïve café", "日本語の本"], 1),
        book("The glyphs are", ["𝓫𝓸𝓸𝓴", "ꙮꙮꙮ", "ឤឣឤ", "ⴰⴱⴲ"], 1),
        book("The seal reads", ["𐤀𐤁𐤂𐤃", "鑫龘靐", "ꔀꔁꔂ"], 2),
        book("Night follows\u00a0", ["day", "wool", "salt", "rope"], 0),
    ],
    "piqa": [
        {"goal": "To open a jar", "sol1": "turn the lid ", "sol2": " knock on it with a  feather", "label": 0},
        {"goal": "Clean a lens ", "sol1": "Use gravel.\n", "sol2": "Use a soft cloth.", "label": 1},
        {"goal": "Keep bread fresh", "sol1": "put it in a bag", "sol2": "put it in the rain", "label": 0},
        {"goal": "Carry water", "sol1": "in a net", "sol2": "in a bucket", "label": 1},
        {"goal": "Dry a wet coat", "sol1": "hang it in the wind", "sol2": "fold it in a drawer", "label": 0},
        {"goal": "Mark a page", "sol1": "with a strip of paper", "sol2": "with a pot of soup", "label": 0},
    ],
    "boolq": [
        {"idx": 0, "passage": " ".join(f"Barn {i} holds {3 * i + 1} llamas and one old door." for i in range(14)),
         "question": "does barn 3 hold ten llamas", "label": 1},
        {"idx": 1, "passage": "Wool -- Wool is a fibre. ", "question": "is wool a metal", "label": 0},
        {"idx": 2, "passage": "A cria is a young llama.", "question": "is a cria young", "label": 1},
        {"idx": 3, "passage": "The river is dry in June.", "question": "is there water in the river in june", "label": 0},
        {"idx": 4, "passage": "Salt dissolves in water.", "question": "does salt dissolve in water?", "label": 1},
        {"idx": 5, "passage": "", "question": "is the passage empty", "label": 1},
    ],
    "winogrande": [
        {"sentence": "Ann lent Eve her bike because _'s own bike was broken.", "option1": "Ann", "option2": "Eve", "answer": "2"},
        {"sentence": "The pot fell on the plate, but nobody picked up the _.", "option1": "pot", "option2": "plate", "answer": "1"},
        {"sentence": "_ thanked Zoë after Li  gave back the rope . ", "option1": "Li", "option2": "Zoë", "answer": "2"},
        {"sentence": "The llama could not pass the gate because the _ was too narrow.", "option1": "llama", "option2": "gate", "answer": "2"},
        {"sentence": "Tom carried the sack to the cart until the _ was full.", "option1": "cart", "option2": "sack", "answer": "1"},
        {"sentence": "Mia asked Ben for salt, and _ passed it.", "option1": "Mia", "option2": "Ben", "answer": "2"},
    ],
}
