"""What transformers' apply_chat_template makes of rows of instruction data, by every template of a folder.

Writes rows.jsonl, and for NAME.jinja NAME.jsonl: for each row the whole text, the prompt for its last answer, null where the
template refuses it, and what the template marks as the assistant's. A day is written as <today FORMAT>. Run: python templates.py [FOLDER]
"""
import copy
import json
import pathlib
import sys

import jinja2
from transformers.utils.chat_template_utils import _compile_jinja_template, render_jinja_template

FOLDER = pathlib.Path(sys.argv[1]) if sys.argv[1:] else pathlib.Path(__file__).parent.parent / "resources/oracle/templates"
TOKENS = {"bos_token": "<s>", "eos_token": "<|endoftext|>"}

SKY = {"type": "function", "function": {
    "name": "sky", "description": "Tells how the sky is.",
    "parameters": {"type": "object", "properties": {
        "at": {"type": "string", "description": "A place, such as \"Nordsee\" or <sea>."},
        "days": {"type": "integer", "description": "Days ahead.", "default": 1}}, "required": ["at"]}}}
MOON = {"type": "function", "function": {
    "name": "moon", "description": "Tells the moon's phase.", "parameters": {"type": "object", "properties": {}}}}


def user(content, **more):
    return {"role": "user", "content": content, **more}


def answer(content, **more):
    return {"role": "assistant", "content": content, **more}


def system(content):
    return {"role": "system", "content": content}


def call(name, arguments, number=1):
    return {"id": f"call{number:05d}", "type": "function", "function": {"name": name, "arguments": arguments}}


def result(content, name="sky", number=1):
    return {"role": "tool", "tool_call_id": f"call{number:05d}", "name": name, "content": content}


def row(*messages, **more):
    return {"messages": list(messages), **more}


# Each with what the reference is given, where the row is of another form.
ROWS = [
    (row(user("What is a llama?"), answer("An animal.")), None),
    (row(system(" Be {{kind}}. "), user("Hi 🦙 <b>&amp;</b> \"q\" \\n"), answer("Hello!\nTwo "), user("  Bye"),
         answer("Ciao")), None),
    (row(user("{{ 7*7 }} {% raw %} <|im_end|>"), answer("é 🦙\n")), None),
    (row(user("a"), answer("<think>\nHm.\n</think>\n\nb"), user("c"), answer("<think>\nSo.\n</think>\n\nd")), None),
    (row(user("a"), answer("b", reasoning_content="Hm."), user("c"), answer("d", reasoning_content="So.\n")), None),
    (row(user("a"), answer("b"), chat_template_kwargs={"enable_thinking": False}), None),
    (row(system("Be brief."), user("How is the sky?"),
         answer("", tool_calls=[call("sky", {"at": "Sylt \"W\"", "days": 2, "hot": 1.5, "wet": None})]),
         result("{\"sky\": \"grey\"}"), answer("Grey."), tools=[SKY]), None),
    (row(user("How is the sky?"), answer(None, tool_calls=[call("sky", {"at": "é"})]), result("grey"), answer("Grey."),
         user("And the moon?"), answer(None, tool_calls=[call("moon", {}, 2)]), result("full", "moon", 2),
         answer("Full."), tools=[SKY, MOON]), None),
    (row(user("Sky and moon?"), answer("I look.", tool_calls=[call("sky", {"at": "b"}), call("moon", {}, 2)]),
         result("grey"), result("full", "moon", 2), answer("Both."), tools=[SKY, MOON]), None),
    (row(user("Sky?"), {"role": "assistant", "tool_calls": [{"type": "function", "function": {
        "name": "sky", "arguments": "{\"at\": \"b\"}"}}]}, tools=[SKY]), None),
    (row(user("a"), user("b"), answer("c")), None),
    (row(answer("a"), user("b"), answer("c")), None),
    ({"conversations": [
        {"from": "human", "value": "How is the sky?"},
        {"from": "function_call", "value": "{\"name\": \"sky\", \"arguments\": {\"at\": \"b\"}}"},
        {"from": "observation", "value": "grey"}, {"from": "gpt", "value": "Grey."}],
        "system": "Be brief.", "tools": json.dumps([SKY["function"]])},
     row(system("Be brief."), user("How is the sky?"), {"role": "assistant", "tool_calls": [
         {"type": "function", "function": {"name": "sky", "arguments": {"at": "b"}}}]},
         {"role": "tool", "content": "grey"}, answer("Grey."), tools=[SKY])),
    ({"instruction": "a", "input": "b", "output": "c", "system": "s", "history": [["x", "y"]]},
     row(system("s"), user("x"), answer("y"), user("a\nb"), answer("c"))),
]


def rendered(template, given, prompt, **more):
    messages = copy.deepcopy(given["messages"][:-1] if prompt else given["messages"])
    try:
        return render_jinja_template(
            [messages], tools=given.get("tools"), chat_template=template, add_generation_prompt=prompt,
            **TOKENS, **given.get("chat_template_kwargs", {}), **more)
    except (jinja2.TemplateError, TypeError, AttributeError, KeyError, ValueError):
        return [None], [[]]


def outcome(template, given):
    (text,), _ = rendered(template, given, False)
    (prompt,), _ = rendered(template, given, True)
    (marked,), (spans,) = rendered(template, given, False, return_assistant_tokens_mask=True)
    return {"text": text, "prompt": prompt, "generated": [marked[start:end] for start, end in spans if end > start]}


def main():
    (FOLDER / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r, _ in ROWS))
    for file in sorted(FOLDER.glob("*.jinja")):
        template = file.read_text()
        _compile_jinja_template(template).environment.globals["strftime_now"] = lambda form: f"<today {form}>"
        outcomes = [outcome(template, g or r) for r, g in ROWS]
        file.with_suffix(".jsonl").write_text("".join(json.dumps(o) + "\n" for o in outcomes))
        print(file.name, sum(o["text"] is None for o in outcomes), "refused")


main()
