"""Templates for jinja.py, by the variables that they are rendered with."""

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather at a place — now",
            "parameters": {
                "type": "object",
                "properties": {
                    "place": {"type": "string", "description": "City, \"country\""},
                    "unit": {"type": "string", "enum": ["C", "F"], "default": "C"},
                    "days": {"type": ["integer", "null"]},
                },
                "required": ["place"],
            },
        },
    },
    {"type": "function", "function": {"name": "now", "description": "Time", "parameters": {"type": "object", "properties": {}}}},
]

CONTEXTS = {
    "values": {
        "s": "Hello, World", "blank": "", "n": 7, "neg": -3, "f": 2.5, "t": True, "no": None, "l": [3, 1, 2], "e": [],
        "d": {"b": 1, "a": {"x": [1, "two", None, True, 1.0]}, "items": "own"}, "u": "é🦙ß ÀÉ", "w": "  two\n\nlines\t\u00a0 ",
        "people": [
            {"name": "Bob", "age": 30, "tags": ["x"]}, {"name": "alice", "age": 25, "tags": []},
            {"name": "Carol", "age": 30, "tags": ["y", "x"], "extra": None}],
        "html": "<b>\"R&D\" it's</b>", "nested": [[1, 2], [3, [4, 5]]], "pairs": [["k", 1], ["v", 2]],
    },
    "chat": {
        "messages": [
            {"role": "system", "content": " Be {{kind}}. "},
            {"role": "user", "content": "Hi 🦙 <b>&amp;</b> \"q\" \\n"},
            {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHello!\nTwo"},
            {"role": "user", "content": "Bye"},
        ],
        "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>", "tools": None, "documents": None,
    },
    "tools": {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Weather in Zürich?"}, {"type": "image"}]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": {"place": "Zürich", "days": 2}}}]},
            {"role": "tool", "tool_call_id": "call_1", "name": "get_weather", "content": "{\"sky\": \"grey\"}"},
            {"role": "assistant", "content": "Grey."},
        ],
        "add_generation_prompt": False, "bos_token": "<s>", "eos_token": "</s>", "tools": TOOLS, "documents": None,
    },
}

CASES = {"values": [
    # printing
    "{{ s }}|{{ blank }}|{{ n }}|{{ f }}|{{ t }}|{{ no }}|{{ l }}|{{ d }}|{{ missing }}",
    "{{ 1.0 }} {{ 1e16 }} {{ 1e15 }} {{ 123456789.125 }} {{ 1e-5 }} {{ 0.0001 }} {{ 1.5e300 }} {{ 5e-324 }} {{ -0.0 }} {{ 1e22 }}",
    "{{ 0.1 + 0.2 }} {{ 3.0 * 2 }} {{ 1/3 }} {{ 10/5 }} {{ 2**0.5 }} {{ 2**-1 }} {{ 10**20 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }}",
    "{{ [1, 'a', \"it's\", 'say \"x\"', 'both\\'\"', none, true, 1.5, (1,), (), {}, {'k': [1]}] }}",
    "{{ ['\\n\\t\\\\', 'é', '\\x00\\x7f', '\\u200b', '🦙', '\\u00a0', '\\ud7ff', '\\u2028'] }}",
    "{{ (1, 2) }} {{ (1,) }} {{ () }} {{ 1, 2 }}",
    "{{ range(3) }} {{ range(1, 10, 3)|list }} {{ range(5, 0, -2)|list }} {{ range(0) | list }} {{ range(3)[1] }} {{ range(3)|length }}",
    "{{ d.keys() }} {{ d.values() }} {{ d['items'] }} {{ d.a }} {{ d.get('a').x[1] }} {{ d.get('z') }} {{ d.get('z', 5) }}",
    "{{ {'a': 1}.items() }}", "{{ namespace(a=1, b='x') }}", "{{ true and 'yes' or 'no' }} {{ '' or 0 or 'last' }} {{ 1 and [] }}",
    "{{ 1 if false }}|{{ 1 if true }}|{{ 'a' if no else 'b' if blank else 'c' }}",
    "{{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_0.5 }} {{ 'a' 'b' \"c\" }}",
    "{{ '\\x41\\u00e9\\U0001f999\\101\\q\\N{LATIN SMALL LETTER A}\\'' }}", "{{ 'line\\\nbreak' }}",
    "{{ 12345678901234567890 * 98765432109876543210 }} {{ -5 }} {{ +5 }} {{ --5 }} {{ -2 ** 2 }} {{ 2 ** 3 ** 2 }}",
    "{{ true + true }} {{ true * 3 }} {{ true == 1 }} {{ 1 == 1.0 }} {{ '1' == 1 }} {{ [1] == [1.0] }} {{ (1,) == [1] }} {{ {'a': 1} == {'a': true} }}",
    "{{ {1: 'a', true: 'b', 1.0: 'c'} }} {{ {(1, 2): 'x'}[(1, 2)] }} {{ {none: 1} }}",
    "{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 1 < 2 == true }} {{ 'a' < 'b' }} {{ 'Z' < 'a' }} {{ [1, 2] < [1, 3] }} {{ (1, 2) <= (1, 2) }} {{ 1 != 2 }}",
    "{{ 'a' in 'cat' }} {{ 'b' not in 'cat' }} {{ 1 in [1, 2] }} {{ 'b' in d }} {{ 2 in (1, 2) }} {{ not 1 in [2] }} {{ '' in '' }} {{ 1 in missing }}",
    "{{ 'a' ~ 1 ~ none ~ 1.0 ~ [1] ~ missing ~ 'z' }} {{ 1 ~ 2 + 3 }}", "{{ 1 ~ 2 * 3 }} {{ 'a' ~ 'b' == 'ab' }}",
    "{{ 'ab' * 3 }} {{ 3 * 'ab' }} {{ [1] * 2 }} {{ 'x' * -1 }}| {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'a' + 'b' }}",
    "{{ l[0] }} {{ l[-1] }} {{ l[5] }}|{{ l.0 }} {{ l[1:] }} {{ l[:-1] }} {{ l[::-1] }} {{ l[::2] }} {{ s[1:4] }} {{ s[::-1] }} {{ s[-5:] }} {{ s[100:] }}| {{ u[1] }} {{ u[1:3] }} {{ (1,2,3)[1:] }} {{ l[5:1] }} {{ l[-10:2] }} {{ l[2:0:-1] }}",
    "|{{ d.b }} {{ d['b'] }} {{ d.nothing }}|{{ d['nothing'] }}|{{ n.x }}|{{ no.x }}|",
    "{{ people[0].name }} {{ people[0]['tags'][0] }} {{ people[1].tags[0] }}| {{ people[2].extra }} {{ nested[1][1][0] }}",
    # undefined
    "{{ missing.x }}", "{{ missing['x'] }}", "{{ missing() }}", "{{ missing + 1 }}", "{{ 1 + missing }}", "{{ missing < 1 }}", "{{ -missing }}", "{{ s.nope.deeper }}",
    "{{ missing|length }} {{ missing|join(',') }}|{{ missing|list }} {{ missing|upper }}|{{ missing|default('d') }} {{ missing|string }}| {{ missing == missing }} {{ missing == none }} {{ missing != 1 }} {{ not missing }} {{ missing|trim }}| {{ missing|first }}| {{ [missing] }}",
    "{{ missing|int }}", "{{ missing|float }}", "{{ missing|tojson }}", "{{ [missing]|tojson }}", "{{ missing|abs }}", "{{ missing|items|list }} {{ missing|map('upper')|list }} {{ missing|sort }} {{ missing|sum }} {{ missing|unique|list }} {{ missing|reverse|list }}",
    "{% for x in missing %}x{% else %}none{% endfor %}", "{{ missing is defined }} {{ missing is undefined }} {{ missing is none }} {{ missing is iterable }} {{ missing is sequence }} {{ missing is mapping }} {{ missing is string }} {{ missing is number }} {{ missing is callable }} {{ d.zz is defined }} {{ s.x is defined }}",
    # tests
    "{{ s is string }} {{ n is number }} {{ t is number }} {{ t is integer }} {{ n is integer }} {{ f is float }} {{ f is integer }} {{ no is none }} {{ t is boolean }} {{ t is true }} {{ t is false }} {{ 1 is true }} {{ 0 is false }}",
    "{{ l is iterable }} {{ l is sequence }} {{ d is mapping }} {{ d is sequence }} {{ s is sequence }} {{ s is iterable }} {{ n is iterable }} {{ (1,) is sequence }} {{ range(2) is sequence }} {{ d.keys() is sequence }} {{ l|map('string') is sequence }} {{ l|map('string') is iterable }} {{ s.upper is callable }} {{ s is callable }}",
    "{{ 3 is odd }} {{ 3 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(4) }} {{ 1 is in [1] }} {{ 1 is not in [1] }} {{ 2 is eq 2 }} {{ 2 is ne 2 }} {{ 2 is gt 1 }} {{ 2 is ge 2 }} {{ 2 is lt 3 }} {{ 2 is le 1 }} {{ 2 is equalto 2 }} {{ 'a' is lower }} {{ 'A' is upper }} {{ 'Ab' is upper }} {{ none is sameas none }} {{ 'upper' is filter }} {{ 'nope' is filter }} {{ 'odd' is test }}",
    "{{ s is not string }} {{ not s is string }} {{ s is string and n is number }} {{ s is defined or x }} {{ 2 is odd or 3 is odd }} {{ 'a' is string == true }}",
    "{{ n is divisibleby }}", "{{ n is nothing_known }}", "{% if false %}{{ n is nothing_known }}{% endif %}", "{{ s is string is string }}", "{{ s is odd }}", "{{ l is not defined }}", "{{ html|e is escaped }} {{ html is escaped }}",
    # filters
    "{{ '  x '|trim }}|{{ 'xxaxx'|trim('x') }}|{{ w|trim }}|{{ w.strip() }}|{{ 5|trim }}|{{ no|trim }}", "{{ s|length }} {{ l|length }} {{ d|length }} {{ u|length }} {{ s|count }}", "{{ n|length }}", "{{ no|length }}",
    "{{ s|upper }} {{ s|lower }} {{ u|upper }} {{ u|lower }} {{ 'hELLO wORLD'|capitalize }} {{ 'hello big-world (of) it\\'s x_y'|title }} {{ u|capitalize }} {{ u|title }} {{ 'ǆ'|capitalize }} {{ 'ΑΣ'|lower }} {{ 'ß'|upper }}",
    "{{ s|replace('l', 'L') }} {{ s|replace('l', 'L', 1) }} {{ 'aaa'|replace('aa', 'b') }} {{ 'ab'|replace('', '-') }} {{ 5|replace('5', 'five') }} {{ 'abab'|replace('ab', '', count=1) }}",
    "{{ l|join }} {{ l|join(', ') }} {{ people|join(',', attribute='name') }} {{ 'abc'|join('-') }} {{ [1, none, 'x']|join('|') }} {{ d|join }} {{ l|join(1) }}",
    "{{ l|first }} {{ l|last }} {{ 'abc'|first }} {{ 'abc'|last }} {{ e|first }}| {{ e|last }}| {{ d|first }} {{ d|last }}", "{{ l|map('string')|first }}", "{{ l|map('string')|last }}", "{{ l|map('string')|length }}", "{{ 5|first }}",
    "{{ 'abc'|list }} {{ d|list }} {{ (1, 2)|list }} {{ 5|string + 'x' }} {{ l|string }}", "{{ 5|list }}",
    "{{ people|map(attribute='name')|list }} {{ people|map(attribute='tags.0')|list }} {{ people|map(attribute='extra', default='-')|list }} {{ l|map('string')|map('upper')|join }} {{ ['a', 'b']|map('replace', 'a', 'c')|list }} {{ people|map(attribute='nope')|list }} {{ nested|map(attribute=0)|list }} {{ ['x']|map('indent', width=2, first=true)|list }}",
    "{{ [0, 1, '', 'a', none]|select|list }} {{ [0, 1, '', 'a', none]|reject|list }} {{ l|select('odd')|list }} {{ l|reject('odd')|list }} {{ l|select('gt', 1)|list }} {{ l|select('in', [1, 3])|list }} {{ [1, 'a', none]|select('string')|list }}",
    "{{ people|selectattr('extra', 'defined')|map(attribute='name')|list }} {{ people|selectattr('age', 'equalto', 30)|list|length }} {{ people|rejectattr('age', '>', 26)|map(attribute='name')|join }} {{ people|selectattr('tags')|list|length }} {{ people|rejectattr('tags')|list|length }} {{ people|selectattr('tags.0', 'eq', 'x')|map(attribute='name')|first }}",
    "{% if e|select %}truthy{% endif %} {% if e|selectattr('x')|list %}no{% else %}empty{% endif %} {% set g = l|map('string') %}{{ g|list }}{{ g|list }}",
    "{{ l|select('nope')|list }}", "{{ l|map('nope')|list }}", "{{ l|nope }}", "{% if false %}{{ l|nope }}{% endif %}", "{{ l|map|list }}", "{{ l|selectattr|list }}",
    "{{ {'b': 1, 'a': 'é', 'c': [1, 2.0, none, true], 'd': {}}|tojson }} {{ 'a\"b\\\\c\\n\\t\\x01</script>&\\''|tojson }} {{ 1.0|tojson }} {{ none|tojson }} {{ (1, 2)|tojson }} {{ []|tojson }}",
    "{{ d|tojson(indent=2) }} {{ [1, [2], {}, []]|tojson(indent=4) }} {{ d|tojson(sort_keys=true) }} {{ d|tojson(separators=(',', ':')) }} {{ u|tojson(ensure_ascii=true) }} {{ [1]|tojson(indent='\\t') }} {{ {1: 2, true: 3, none: 4, 1.5: 5}|tojson }} {{ [1,2]|tojson(indent=0) }}",
    "{{ d.keys()|tojson }}", "{{ l|map('string')|tojson }}", "{{ range(3)|tojson }}", "{{ {(1, 2): 3}|tojson }}", "{{ 1e400|tojson }} {{ [1e16, 1e-7]|tojson }}",
    "{{ d|items|list }} {{ {'b': 1, 'A': 2}|dictsort }} {{ {'b': 1, 'A': 2}|dictsort(true) }} {{ {'b': 1, 'A': 2}|dictsort(false, 'value') }} {{ {'b': 1, 'A': 2}|dictsort(reverse=true) }}", "{{ l|items|list }}", "{% for k, v in d|items %}{{ k }}={{ v }};{% endfor %}", "{{ {'a': 1, 2: 'b'}|dictsort }}", "{{ {'a': 1}|dictsort(by='x') }}",
    "{{ missing|default }}|{{ missing|d('x') }} {{ no|default('x') }} {{ no|default('x', true) }} {{ blank|default('x', boolean=true) }} {{ 0|default(5) }}",
    "{{ '42'|int }} {{ '4.9'|int }} {{ 'x'|int }} {{ 'x'|int(7) }} {{ 4.9|int }} {{ -4.9|int }} {{ '0x1f'|int(base=16) }} {{ '1f'|int(0, 16) }} {{ ' 12 '|int }} {{ '1_000'|int }} {{ no|int }} {{ true|int }} {{ l|int(3) }} {{ '1e3'|int }} {{ '0b11'|int(0, 2) }} {{ '0o17'|int(0, 0) }} {{ ''|int }}",
    "{{ '4.5'|float }} {{ 'x'|float }} {{ 'x'|float(1.5) }} {{ 3|float }} {{ ' 1e3 '|float }} {{ 'inf'|float }} {{ 'nan'|float }} {{ '.5'|float }} {{ '5.'|float }} {{ no|float }}", "{{ 'inf'|float|int }}",
    "{{ -5|abs }} {{ -5.5|abs }} {{ true|abs }} {{ 2.5|round }} {{ 3.5|round }} {{ 2.675|round(2) }} {{ 42.55|round(1, 'floor') }} {{ 42.55|round(1, 'ceil') }} {{ 5|round }} {{ 1234|round(-2) }} {{ 1234.5|round(-2) }} {{ 2.5|round|int }} {{ 7|round(method='floor') }} {{ -2.5|round }} {{ -0.4|round }}", "{{ 'x'|abs }}", "{{ 's'|round }}",
    "{{ l|sort }} {{ l|sort(reverse=true) }} {{ ['b', 'A', 'c']|sort }} {{ ['b', 'A', 'c']|sort(case_sensitive=true) }} {{ people|sort(attribute='name')|map(attribute='name')|list }} {{ people|sort(attribute='age,name')|map(attribute='name')|list }} {{ people|sort(attribute='age', reverse=true)|map(attribute='name')|list }} {{ 'cab'|sort }}", "{{ [1, 'a']|sort }}", "{{ [none, 1]|sort }}", "{{ [none, none]|sort }} {{ [missing, missing]|sort }}", "{{ (l|map('string'))[1:] }}", "{{ no[1:] }}", "{{ d[1:] }}", "{{ d[1:2] }}|{{ missing[1:] }}",
    "{{ [1, 2, 1, 1.0, 'a', 'A']|unique|list }} {{ ['a', 'A']|unique(true)|list }} {{ people|unique(attribute='age')|map(attribute='name')|list }} {{ l|reverse|list }} {{ 'abc'|reverse }} {{ d|reverse|list }}", "{{ [[1]]|unique|list }}",
    "{{ 'a\\nb\\n\\nc'|indent }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\n\\nb'|indent(2, blank=true) }}|{{ 'a\\nb'|indent('> ', true) }}|{{ 'a\\n'|indent(2) }}|{{ ''|indent(2, true) }}|{{ 'a\\r\\nb'|indent(1) }}",
    "{{ [1,2,3,4,5]|batch(2)|list }} {{ [1,2,3,4,5]|batch(2, 'x')|list }} {{ [1,2,3,4,5]|slice(3)|list }} {{ [1,2,3,4]|slice(3, 'x')|list }} {{ e|batch(2)|list }} {{ e|slice(2)|list }} {% for row in [1,2,3]|batch(2) %}{{ row|join }};{% endfor %}",
    "{{ l|sum }} {{ l|sum(start=10) }} {{ people|sum(attribute='age') }} {{ [[1], [2]]|sum(start=[]) }} {{ [1, 2.5]|sum }} {{ l|min }} {{ l|max }} {{ ['b', 'A']|min }} {{ ['b', 'A']|min(true) }} {{ people|max(attribute='age') }} {{ e|min }}| {{ 'bca'|max }}", "{{ ['a']|sum }}",
    "{{ html|e }} {{ html|escape }} {{ html|safe }} {{ html|forceescape }} {{ (html|e)|e }} {{ html|safe|upper }} {{ (html|safe) + '<' }} {{ '<' + (html|safe) }} {{ (html|safe) ~ '<' }} {{ 5|e }} {{ [html|safe]|join('<') }}",
    "{{ '%s is %d and %.2f'|format('x', 5, 1.005) }} {{ '%(a)s-%(b)05d'|format(a=1, b=42) }} {{ '%s'|format([1]) }} {{ '%5s|%-5s|%5.1f|%+d|%x|%X|%o|%e|%g|%%|%r|%c' % ('a', 'b', 2.25, 3, 255, 255, 8, 12345.678, 0.00001234, 'q', 'z') }} {{ '%s' % 'x' }} {{ '%d' % 3.9 }} {{ '%s %s' % (1, 2) }} {{ '%g %g %g' % (100000, 1000000, 0.0001) }} {{ '%(x)s' % {'x': 1} }} {{ '%05.1f|% d|%#x|%#o' % (2.5, 3, 255, 8) }}",
    "{{ '%s' % (1, 2) }}", "{{ '%s %s' % 1 }}", "{{ '%d' % 'x' }}", "{{ '%y' % 1 }}", "{{ '%s' }}", "{{ 'no fields' % 5 }}", "{{ 'x' % [] }} {{ 'x' % {} }}",
    "{{ 'one two, three'|wordcount }} {{ 'x'|center(5) }}| {{ 'ab'|center(5) }}| {{ 'long text here and more'|truncate(12) }} {{ 'long text here'|truncate(8, true) }} {{ 'short'|truncate(5) }} {{ 'long text here'|truncate(9, false, '…', 0) }} {{ 'a b/c?d=é&f'|urlencode }} {{ {'a b': 'c&d', 'e': 1}|urlencode }}",
    "{% for g in people|groupby('age') %}{{ g.grouper }}:{{ g.list|map(attribute='name')|join('+') }} {% endfor %}{% for age, all in people|groupby('age') %}{{ age }}={{ all|length }} {% endfor %}{% for g in ['b', 'A', 'a']|map('list')|groupby(0) %}{{ g.grouper }}{{ g[1]|length }} {% endfor %}",
    "{{ s|attr('upper')() }} {{ d|attr('b') }}|{{ d|attr('keys')() }}", "{{ (l|first)|string ~ 'x' }} {{ l | first | string | length }} {{ -1|abs }} {{ (-1)|abs }} {{ 2 + 3|string|length }}",
    # methods
    "{{ s.upper() }} {{ s.lower() }} {{ s.title() }} {{ 'it\\'s o\\'clock x1y'.title() }} {{ s.capitalize() }} {{ s.swapcase() }} {{ 'ẞ'.casefold() }} {{ s.center(20, '*') }} {{ 'ab'.center(5, '.') }} {{ 'abc'.center(6, '.') }} {{ 'x'.ljust(3, '.') }} {{ 'x'.rjust(3) }} {{ '-42'.zfill(6) }}",
    "{{ '  x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xxa'.lstrip('x') }}|{{ 'axx'.rstrip('x') }}|{{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}|{{ '\\n\\n a'.lstrip('\\n') }}|{{ 'a'.strip(none) }}|{{ '\\u3000\\x1fa'.strip() }}|{{ ' a '.strip('') }}|",
    "{{ 'a,b,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ ' a  b '.split() }} {{ ' a  b c '.split(none, 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a b c '.rsplit(none, 1) }} {{ 'a,b'.split(sep=',') }} {{ 'a,b,c'.split(',', maxsplit=1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'a</think>b</think>c'.split('</think>')[-1] }} {{ 'aXbXXc'.rsplit('X', 2) }} {{ 'abc'.rsplit('bc') }}", "{{ 'a'.split('') }}",
    "{{ 'a\\nb\\r\\nc\\rd\\x0be\\u2028f\\n'.splitlines() }} {{ 'a\\nb\\n'.splitlines(true) }} {{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ 'abc'.partition('x') }} {{ 'abc'.rpartition('x') }}",
    "{{ s.startswith('He') }} {{ s.startswith(('x', 'H')) }} {{ s.endswith('d') }} {{ s.endswith(('x', 'y')) }} {{ s.startswith('lo', 3) }} {{ s.endswith('lo', 0, 5) }} {{ s.find('o') }} {{ s.find('zz') }} {{ s.rfind('o') }} {{ s.index('W') }} {{ s.count('l') }} {{ s.find('o', 5) }} {{ u.find('ß') }} {{ s.count('') }} {{ s.find('l', -3) }} {{ s.rfind('l', 0, 4) }}", "{{ s.index('zz') }}", "{{ s.startswith(['H']) }}",
    "{{ s.replace('l', '-') }} {{ s.replace('l', '-', 2) }} {{ ', '.join(['a', 'b']) }} {{ '-'.join('abc') }} {{ s.removeprefix('Hello') }} {{ s.removesuffix('World') }} {{ s.removesuffix('x') }} {{ 'a\\tb'.expandtabs(4) }}|", "{{ ','.join([1]) }}",
    "{{ '12'.isdigit() }} {{ '1.2'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' '.isspace() }} {{ ''.isspace() }} {{ 'a'.islower() }} {{ 'A1'.isupper() }} {{ 'Ab Cd'.istitle() }} {{ '²'.isdigit() }} {{ '½'.isnumeric() }} {{ '٣'.isdecimal() }} {{ 'é'.isascii() }} {{ 'x_1'.isidentifier() }} {{ 'a\\n'.isprintable() }}",
    "{{ '{} {}'.format(1, 'a') }} {{ '{1}-{0}'.format('x', 'y') }} {{ '{a}{b[0]}'.format(a=1, b=[2]) }} {{ '{:>5}|{:<5}|{:^5}|{:*^7}|{:05d}|{:,}|{:.2f}|{:e}|{:%}|{:x}|{:#b}|{:+d}|{!r}|{{}}'.format('a', 'b', 'c', 'd', 42, 1234567, 3.14159, 12345.678, 0.25, 255, 5, 3, 'q') }} {{ '{:{}}'.format('x', 4) }}| {{ '{:.3}'.format('abcdef') }} {{ '{:g}'.format(1.5) }} {{ '{}'.format(none) }} {{ '{:,.2f}'.format(1234567.891) }} {{ '{0[k]}'.format({'k': 'v'}) }} {{ '{:>8.1f}'.format(-2.25) }} {{ '{:08.2f}'.format(-3.14159) }} {{ '{:_}'.format(1234567) }}",
    "{{ '{}'.format() }}", "{{ '{x}'.format(y=1) }}", "{{ '{'.format() }}", "{{ '}'.format() }}", "{{ '{:q}'.format(1) }}", "{{ '{a}'.format_map({'a': 1}) }}",
    "{{ l.index(1) }} {{ l.count(3) }} {{ (1, 2, 1).count(1) }} {{ (1, 2).index(2) }} {{ l.copy() }} {{ d.copy() == d }}", "{{ l.index(99) }}", "{{ l.append(4) }}", "{{ l.append }}|", "{{ d.update({'z': 1}) }}", "{{ d.pop('b') }}", "{{ l.sort() }}", "{{ l.extend([1]) }}", "{{ d.clear() }}", "{{ d.setdefault('q', 1) }}", "{{ l.insert(0, 1) }}", "{{ l.remove(3) }}", "{{ l.reverse() }}",
    "{{ (2.0).is_integer() }} {{ (2.5).is_integer() }}", "{{ s.nope() }}", "{{ 'x'() }}", "{{ 5() }}", "{{ s.upper('x') }}", "{{ s.replace() }}",
    # escapes
    "{{ s.__class__ }}|", "{{ s.__class__.__mro__ }}", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ l.__init__ }}|", "{{ d.__getattribute__('x') }}", "{{ '{0.__class__}'.format(s) }}", "{{ '{0.__class__.__mro__}'.format(s) }}", "{{ s|attr('__class__') }}|", "{{ (s|attr('__class__')).x }}", "{{ s['__class__'] }}|", "{{ cycler.__init__.__globals__ }}", "{{ namespace.__init__ }}|", "{{ getClass }}|{{ s.getClass }}|", "{{ s.getClass() }}", "{{ ____int3rpr3t3r____ }}|", "{{ ____int3rpr3t3r____.config }}", "{{ range.__self__ }}|", "{% for x in l %}{{ loop.__init__ }}|{{ loop._iterator }}|{% endfor %}", "{{ [s]|map(attribute='__class__')|map('string')|list }}", "{{ s.format.__globals__ }}",
    "{% for a, b in people %}{{ a }}{% endfor %}", "{% for name, age, tags in people[:2] %}{{ name }}{{ age }}{{ tags }};{% endfor %}", "{% for k, v in s %}{% endfor %}", "{% for c in n %}{% endfor %}", "{% for c in no %}{% endfor %}",
    # loops
    "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }}[{{ loop.previtem }}{{ loop.nextitem }}]{{ loop.cycle('a', 'b') }};{% endfor %}",
    "{% for x in [1, 1, 2, 2, 1] %}{{ x }}{{ loop.changed(x) }} {% endfor %}", "{% for x in l if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }} {% else %}none{% endfor %}", "{% for x in l if x > 10 %}x{% else %}none{% endfor %}", "{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}|{% for x in l %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}|{% for x in e %}{% else %}empty{% endfor %}",
    "{% for x in nested recursive %}{% if x is iterable %}[{{ loop(x) }}]{{ loop.depth }}{% else %}{{ x }}.{{ loop.depth0 }}{% endif %}{% endfor %}", "{% for x in l %}{{ loop(l) }}{% endfor %}", "{% for a, (b, c) in [[1, [2, 3]], [4, 'xy']] %}{{ a }}{{ b }}{{ c }} {% endfor %}", "{% for x in 1, 2, 3 %}{{ x }}{% endfor %} {% for c in 'é🦙' %}<{{ c }}>{% endfor %} {% for k in d %}{{ k }}{% endfor %} {% for k, v in {'a': 1}.items() %}{{ k }}{{ v }}{% endfor %}",
    "{% for x in l %}{% for y in 'ab' %}{{ loop.index }}{{ y }}{% endfor %}{{ loop.index }} {% endfor %}{{ loop }}|{{ x }}|", "{% set x = 0 %}{% for i in l %}{% set x = x + i %}{{ x }}{% endfor %}={{ x }}", "{% set ns = namespace(x=0) %}{% for i in l %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y }}| {% set ns.y = [1] %}{{ ns.y }}", "{% set x.y = 1 %}", "{% set d.y = 1 %}", "{% for i in l %}{{ loop }}{% endfor %}", "{% for x in l %}{{ loop.nope }}|{% endfor %}", "{% for x in l %}{{ loop.cycle() }}{% endfor %}", "{% for i in range(3) %}{% if loop.last %}L{% elif loop.first %}F{% else %}M{% endif %}{% endfor %}", "{% break %}", "{% for x in l|map('string') %}{{ loop.length }}{{ loop.last }}{{ loop.nextitem }} {% endfor %}", "{% for x in l|select('odd') if x > 1 %}{{ x }}{% endfor %}",
    # set, with, macros
    "{% set a = 1 %}{% set b, c = 2, 3 %}{% set (d2, e2) = 'xy' %}{{ a }}{{ b }}{{ c }}{{ d2 }}{{ e2 }}{% set f2 = 1, 2 %}{{ f2 }}{% set a = a + 1 %}{{ a }}", "{% set a, b = 1 %}", "{% set a, b = [1] %}", "{% set x %}  in {{ s }}\n{% endset %}[{{ x }}]{{ x is string }}", "{% set x | upper | replace('H', 'J') %}{{ s }}{% endset %}{{ x }}", "{% if true %}{% set v = 'seen' %}{% endif %}{{ v }}", "{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}|{{ a }}|", "{% set a = 5 %}{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}|", "{% filter upper %}a{{ s }}{% endfilter %} {% filter replace('a', 'b')|upper %}aa{% endfilter %}",
    "{% macro f(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }} {{ f(1, 3) }} {{ f(1, c=9) }} {{ f(b=1, a=2) }} {{ f() }}| {{ f.name }} {{ f.arguments }} {{ f.catch_kwargs }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(z=2) }}", "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, x=3) }}{{ f() }}", "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "{% macro f() %}[{{ caller() }}]{% endmacro %}{% call f() %}body {{ s }}{% endcall %}", "{% macro f(l) %}{% for x in l %}{{ caller(x, y=1) }}{% endfor %}{% endmacro %}{% call(a, y=0) f(l) %}{{ a }}{{ y }};{% endcall %}", "{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}", "{% macro f() %}x{% endmacro %}{% call f() %}y{% endcall %}", "{% macro f(x) %}{{ x.y }}{% endmacro %}{{ f(1) }}|{{ f() }}", "{% macro f() %}{% set v = 1 %}{{ v }}{{ s }}{% endmacro %}{{ f() }}{{ v }}|", "{{ f(1) }}{% macro f(x) %}{% endmacro %}", "{% macro f(x) %}{{ x }}{% endmacro %}{{ ['a', 'b']|map('upper')|map('string')|join }}{{ f(*[1]) }}{{ f(**{'x': 2}) }}", "{% macro out(x) %}{{ y }}{% endmacro %}{% set y = 5 %}{{ out(1) }}", "{% for i in l %}{% macro g() %}{{ i }}{% endmacro %}{{ g() }}{% endfor %}", "{% set f = s.upper %}{{ f() }}", "{% macro f(a, a2=1, b) %}{% endmacro %}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{% set _ = c.reset() %}{{ c.next() }} {% set j = joiner('|') %}{{ j() }}{{ j() }}{{ j() }} {{ dict(a=1, b='x') }} {{ dict([('k', 1)]) }} {{ dict({'a': 1}, b=2) }}", "{{ cycler() }}", "{{ range(1000000) }}", "{{ range(100001)|length }}", "{{ range(100000)|length }}", "{{ range('x') }}", "{{ range(1, 2, 0) }}", "{{ namespace(**{'a': 1}).a }}{{ namespace({'b': 2}).b }}",
    # white space
    "a {% if t %} b {% endif %} c", "a\n  {% if t %}\n  b\n  {% endif %}\n  c\n", "a\n  {%- if t -%}\n  b\n  {%- endif -%}\n  c", "a\n  {%+ if t +%}\n  b\n  {%+ endif +%}\n  c", "  {{ s }}\n  {{- s -}}\n  x", "a {# c #}\nb {#- d -#} e\n  {# f #}\ng", "{% if t %}\n\n\nx{% endif %}\n\n", "x\n\n", "x\n", "\n", "", "  {% if t %}x{% endif %}  {% if t %}y{% endif %}\n  z", "{% raw %}\n {{ x }} {% if %} {% endraw %}\nb", "a {%- raw -%}  {{ y }}  {%- endraw -%} b", "a\r\nb\rc\n{% if t %}\r\nd{% endif %}", "\t{% set x = 1 %}\t\n\tb", "{%if t%}x{%endif%}{{s}}", "{{ '}}' }}{{ '%}' }}{{ {'a': {'b': 1}}.a.b }}{{ {'a': {}} }}", "{% for x in l -%}\n  {{ x }}\n{%- endfor %}", "\u00a0{% if t %}x{% endif %}\u00a0", "{{ -1 }}{{- 1 }}{{ +1 }}{{-1}}", "{% if t %}{# c #}\n{% endif %}x", "a{%- if t %} \n b{%- endif +%}\nc", "{% print s, n %}", "{% if t: %}x{% endif %}", "{{ s -}}   \n  x {{- s }}", "{#- only -#}", "{% set x = '\r\n' %}{{ x|length }}", "{# a {# b #} c #}", "{% generation %}\n x\n {% endgeneration %}\ny", "  {%- generation %}{{ s }}{% set inner = 1 %}{%- endgeneration %}{{ inner }}|",
    # errors with lines
    "a\n{{ missing.x }}", "a\n\n{% if %}x{% endif %}", "{% for x in l %}\n\n{{ x.y.z }}\n{% endfor %}", "\n{{ 1 / 0 }}", "\n\n{{ s + 1 }}", "{% if t %}\n{{ l|nope }}\n{% endif %}", "{% unknown %}", "{% endif %}", "{% if t %}", "{% for x in l %}", "{{", "{% if", "{{ s", "{{ 'abc }}", "{# open", "{% raw %}x", "{{ ) }}", "{{ (1 }}", "{{ [1 }}", "{{ 1 2 }}", "{{ a b }}", "{{ }}", "{% set %}", "{% set 1 = 2 %}", "{% set none = 2 %}", "{{ s. }}", "{{ s.1x }}", "{{ @ }}", "{{ s ! }}", "{{ a = 1 }}", "{{ f(a=1, 2) }}", "{% for in l %}{% endfor %}", "{% macro %}{% endmacro %}", "{% call s %}{% endcall %}", "{% do l.append(1) %}", "{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as y %}", "{{ 1 // 0 }}", "{{ 1 % 0 }}", "{{ 1.0 % 0 }}", "{{ 0 ** -1 }}", "{{ 'a' * 'b' }}", "{{ [] - [] }}", "{{ {} + {} }}", "{{ 'a' < 1 }}", "{{ none < 1 }}", "{{ 1 in 'a' }}", "{{ 1 in 5 }}", "{{ {[]: 1} }}", "{{ {} in {} }}", "{{ l['x'] }}|{{ l[1.0] }}|{{ d[[1]] }}|", "{{ s[1:'x'] }}", "{{ s[::0] }}", "{{ raise_exception('told ' ~ n) }}", "{% if n > 3 %}\n{{- raise_exception('too many') }}\n{% endif %}", "{{ raise_exception() }}", "{{ s(1) }}", "{{ -s }}", "{{ not s }} {{ not not s }} {{ - - 5 }}", "{{ true.x }}|{{ (1).real is defined or true }}", "{{ a.b.c }}", "{{ [1, 2][0:1][0] }}{{ 'abc'[0]|upper }}{{ ('a' ~ 'b')[1] }}", "{{ {'a': 1}['a'] }}{{ {'a': 1}.a }}{{ 'x'.upper()|lower }}",
    "{{ strftime_now('%Y-%m-%d %H:%M:%S %f %a %A %b %B %d %j %U %W %w %y %p %I %M %% %x %X %c %e %-d %-m %-H %h %D %F %T %R %G %V %u %C %n|%t|%z|%Z|') }}",
    "{{ 'a' if t else raise_exception('no') }}{{ (raise_exception('x') if false) }}|{{ false and raise_exception('x') }}{{ true or raise_exception('x') }}",
],
"chat": [
    # families in other words
    "{{ bos_token }}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 1) %}{{ raise_exception('roles') }}{% endif %}[{{ m['role'] }}] {{ m['content'].strip() }} {% if m['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}",
    "{%- if messages[0]['role'] == 'system' %}\n  {%- set first = messages[0]['content'] %}\n  {%- set rest = messages[1:] %}\n{%- else %}\n  {%- set rest = messages %}\n{%- endif %}\n{%- for m in rest %}\n  {%- if m.role == 'user' %}\n    {{- '<u>' ~ (first ~ '\\n\\n' if loop.first and first is defined else '') ~ m.content ~ '</u>' }}\n  {%- else %}\n    {{- '<a>' + m.content.split('</think>')[-1].lstrip('\\n') + eos_token }}\n  {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n  {{- '<a>' }}\n{%- endif %}\n",
    "{% for message in messages %}\n<|{{ message.role }}|>\n{{ message.content | trim }}{% if not loop.last %}<|end|>{% endif %}\n{% endfor %}\n{% if add_generation_prompt %}\n<|assistant|>\n{% endif %}",
    "{%- set ns = namespace(last=messages|length - 1, many=true) %}\n{%- for m in messages[::-1] %}\n  {%- set index = (messages|length - 1) - loop.index0 %}\n  {%- if ns.many and m.role == 'user' and not (m.content.startswith('<r>') and m.content.endswith('</r>')) %}\n    {%- set ns.many = false %}\n    {%- set ns.last = index %}\n  {%- endif %}\n{%- endfor %}\n{{ ns.last }} {{ ns.many }}\n{%- for m in messages %}\n  {%- set content = m.content %}\n  {%- set thought = '' %}\n  {%- if '</think>' in content %}\n    {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}\n    {%- set content = content.split('</think>')[-1].lstrip('\\n') %}\n  {%- endif %}\n  {{- '<' ~ m.role ~ '>' ~ (thought ~ '|' if loop.index0 > 1 and thought) ~ content }}\n{%- endfor %}",
    "{{- bos_token }}\n{%- set date = strftime_now('%d %b %Y') if strftime_now is defined else '26 Jul 2024' %}\n{%- if not tools is defined %}{%- set tools = none %}{%- endif %}\n{{- 'Today: ' + date + '\\n' }}{{ tools is none }} {{ documents }}\n{%- for m in messages %}\n{% generation %}{{ m.content }}{% endgeneration %}\n{% endfor %}",
    "{% for m in messages %}{% if m.role == 'system' %}{% set ns = namespace(sys=m.content) %}{% continue %}{% endif %}{{ ns.sys if ns is defined }}{{ m.content }};{% endfor %}",
    "{% for m in messages %}{{ loop.previtem.role if loop.previtem is defined else 'start' }}>{{ m.role }}>{{ (loop.nextitem or {'role': 'end'}).role }} {% endfor %}",
    "{{ messages|map(attribute='role')|join(',') }} {{ messages|selectattr('role', 'equalto', 'user')|list|length }} {{ (messages|rejectattr('role', 'in', ['user', 'system'])|first).content|length }} {{ messages|tojson }}",
    "{%- macro turn(role, text, end=eos_token) -%}\n<|{{ role }}|>{{ text }}{{ end }}\n{%- endmacro -%}\n{%- for m in messages %}{{ turn(m.role, m.content|trim) }}{{ '\\n' if not loop.last }}{%- endfor %}",
    "{% set roles = {'user': 'Human', 'assistant': 'AI'} %}{% for m in messages %}{{ roles.get(m.role, m.role|upper) }}: {{ m.content|replace('\\n', ' ') }}{{ '\\n' }}{% endfor %}{{ roles[messages[-1].role] }}",
    "{% for message in messages %}{{ message }}\n{% endfor %}", "{{ messages[0] | tojson(indent=2) }}", "{{ messages[-1:][0].content[:2] }}{{ messages[99] }}|{{ messages[0].name }}|{{ messages[0].get('name', 'anon') }}",
    "{%- for message in messages if message.role != 'system' -%}\n  {{- loop.index0 ~ message.role[0]|upper -}}\n{%- endfor -%}",
],
"tools": [
    "{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}", "{{ tools | tojson(indent=4) }}", "{%- for t in tools %}\n    {{- t.function.name ~ '(' }}\n    {%- for name, p in t.function.parameters.properties.items() %}\n        {{- name }}: {{ p.type if p.type is string else p.type|join(' or ') }}{{ '?' if name not in (t.function.parameters.required or []) }}{{ ', ' if not loop.last }}\n    {%- endfor %}\n    {{- ')\\n' }}\n{%- endfor %}",
    "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% elif m.content is iterable and m.content is not mapping and m.content is not none %}{% for part in m.content %}{% if part.type == 'text' %}{{ part.text }}{% else %}<{{ part['type'] }}>{% endif %}{% endfor %}{% endif %}{% if m.tool_calls is defined and m.tool_calls %}{% for c in m.tool_calls %}<call>{{ {'name': c.function.name, 'arguments': c.function.arguments}|tojson }}</call>{% endfor %}{% endif %}\n{% endfor %}",
    "{%- macro kind(p) -%}\n{%- if p.enum -%}{{ p.enum|map('tojson')|join(' | ') }}\n{%- elif p.type is string -%}{{ {'string': 'str', 'integer': 'int'}.get(p.type, p.type) }}\n{%- else -%}{% for t in p.type %}{{ kind({'type': t}) }}{{ ' | ' if not loop.last }}{% endfor %}\n{%- endif -%}\n{%- endmacro -%}\n{% for t in tools %}def {{ t.function.name }}({% for n, p in t.function.parameters.properties|dictsort %}{{ n }}: {{ kind(p) }}{% if p.default is defined %} = {{ p.default|tojson }}{% endif %}{{ ', ' if not loop.last }}{% endfor %})\n{% endfor %}",
    "{% for m in messages %}{{ m.role }}{% if m['tool_calls'] %}{{ m['tool_calls'][0]['function']|string }}{% endif %}{{ m.tool_call_id|default('-') }} {% endfor %}{{ tools|length }} {{ tools[0].function.parameters.properties.keys()|list }}",
    "{% for m in messages %}{% set c = m.content if m.content is not none else '' %}{{ c if c is string else c|selectattr('type', 'eq', 'text')|map(attribute='text')|join('\\n') }}|{% endfor %}", "{{ messages[1].content + 'x' }}", "{{ messages[0].content|trim }}", "{{ messages[0].content.strip() }}",
]}
