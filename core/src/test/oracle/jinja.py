#!/usr/bin/env python3
"""What Jinja 2 makes of the templates in jinja_cases.py, set up as transformers' apply_chat_template does.

    python3 core/src/test/oracle/jinja.py     (needs jinja2; written with 3.1.2 and Python 3.11)

writes core/src/test/resources/dev/cria/template/jinja.json: for each case the text, or the line of a refusal.
"""
import datetime, json, pathlib, traceback
import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja_cases import CASES, CONTEXTS

NOW = datetime.datetime(2024, 2, 9, 15, 4, 5, 678901)


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda form: NOW.strftime(form)
    return env


def outcome(template, variables):
    try:
        return dict(text=environment().from_string(template).render(**variables))
    except jinja2.TemplateSyntaxError as e:
        return dict(error=str(e.message), line=e.lineno)
    except Exception as e:
        lines = [f.lineno for f in traceback.extract_tb(e.__traceback__) if f.filename == "<template>"]
        return dict(error=f"{type(e).__name__}: {e}"[:200], line=lines[-1] if lines else 1)


if __name__ == "__main__":
    rows = [dict(template=t, context=c, **outcome(t, CONTEXTS[c])) for c, ts in CASES.items() for t in ts]
    target = pathlib.Path(__file__).parents[1] / "resources/dev/cria/template/jinja.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "w", encoding="utf-8") as f:
        json.dump(dict(contexts=CONTEXTS, cases=rows), f, ensure_ascii=False, indent=1)
        f.write("\n")
    print(len(rows), "cases,", sum("error" in r for r in rows), "refused")
