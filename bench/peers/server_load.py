"""Clients of a server with OpenAI's interface: how fast it writes, how long the first token takes, what stays whole under load.

    python3 bench/peers/server_load.py --url http://127.0.0.1:8080 --model nano --clients 1 4 16
    python3 bench/peers/server_load.py --url http://127.0.0.1:8080 --model nano --clients 64 --seconds 300 --rough
    scripts/compare-servers DIR              # the same clients against Cria and llama.cpp, by turns

Every client asks one completion after the other with its own prompt and seed, greedily, and streams it. --rough adds clients that leave
in the middle, read slowly, or send garbage; the others' answers are then compared with what they got alone, or with what
`cria generate` wrote, and a difference ends the program with 1:

    python3 bench/peers/server_load.py --prompts --clients 64 |
        xargs -d '\\n' ./cria generate MODEL --temperature 0 --max-new-tokens 64 --json alone.json --prompt
    python3 bench/peers/server_load.py --url http://127.0.0.1:8080 --model nano --clients 64 --seconds 300 --rough --alone alone.json

Prints one line of JSON for each number of clients. Python's standard library alone.
"""

import argparse
import http.client
import json
import random
import socket
import sys
import threading
import time
import urllib.parse

WORDS = "the llama walks over a high and quiet plain while its young one sleeps below old stones near water".split()


def prompt_of(number):
    chosen = random.Random(number)
    return " ".join(chosen.choice(WORDS) for _ in range(8 + number % 24))


def ask(url, model, prompt, tokens, key, pause=0.0, leave_after=None):
    """The text of a streamed completion, the seconds to its first part, and how many parts it had."""
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=600)
    headers = {"Content-Type": "application/json"} | ({"Authorization": "Bearer " + key} if key else {})
    body = {"model": model, "prompt": prompt, "max_tokens": tokens, "temperature": 0, "stream": True}
    begun = time.perf_counter()
    connection.request("POST", "/v1/completions", json.dumps(body), headers)
    response = connection.getresponse()
    if response.status != 200:
        response.read()
        connection.close()
        return response.status, "", 0.0, 0
    text, first, parts = "", 0.0, 0
    for line in response:
        if not line.startswith(b"data: {"):
            continue
        choices = json.loads(line[6:])["choices"]
        if choices and choices[0]["text"]:
            parts += 1
            first = first or time.perf_counter() - begun
            text += choices[0]["text"]
        if leave_after and parts >= leave_after:
            break
        if pause:
            time.sleep(pause)
    connection.close()
    return 200, text, first, parts


def garbage(url, chosen):
    with socket.create_connection((url.hostname, url.port), timeout=10) as s:
        s.sendall(chosen.randbytes(chosen.randint(1, 4000)))


def quantile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(part * len(values)))] if values else 0.0


def measure(args, clients):
    url = urllib.parse.urlparse(args.url)
    expected = {}
    alone = {one["prompt"]: one["text"] for one in json.load(open(args.alone))} if args.alone else {}
    if args.rough:
        for number in range(clients):
            expected[number] = alone.get(prompt_of(number)) or ask(url, args.model, prompt_of(number), args.tokens, args.key)[1]
    firsts, wholes, parts, wrong, busy = [], [], [0], [], [0]
    lock = threading.Lock()
    until = time.perf_counter() + args.seconds

    def client(number):
        chosen = random.Random(number)
        while time.perf_counter() < until:
            kind = chosen.random() if args.rough else 1
            try:
                if kind < 0.1:
                    garbage(url, chosen)
                elif kind < 0.2:
                    ask(url, args.model, prompt_of(number), args.tokens, args.key, leave_after=3)
                else:
                    begun = time.perf_counter()
                    pause = 0.05 if kind < 0.3 else 0.0
                    status, text, first, count = ask(url, args.model, prompt_of(number), args.tokens, args.key, pause)
                    with lock:
                        if status == 503:
                            busy[0] += 1
                        elif status != 200 or (args.rough and text != expected[number]):
                            wrong.append((number, status, text))
                        else:
                            firsts.append(first)
                            wholes.append(time.perf_counter() - begun)
                            parts[0] += count
            except OSError:
                if kind >= 0.2:
                    with lock:
                        wrong.append((number, "connection lost", ""))

    begun = time.perf_counter()
    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    print(json.dumps({
        "clients": clients,
        "tokens_per_s": round(parts[0] / (time.perf_counter() - begun), 1),
        "answers": len(wholes),
        "first_token_s": {"p50": round(quantile(firsts, 0.5), 3), "p99": round(quantile(firsts, 0.99), 3)},
        "answer_s": {"p50": round(quantile(wholes, 0.5), 3), "p99": round(quantile(wholes, 0.99), 3)},
        "turned_away": busy[0],
        "wrong": len(wrong),
    }), flush=True)
    for one in wrong[:3]:
        print("wrong:", one, file=sys.stderr)
    return not wrong


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--url")
    arguments.add_argument("--model")
    arguments.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    arguments.add_argument("--seconds", type=float, default=20)
    arguments.add_argument("--tokens", type=int, default=64)
    arguments.add_argument("--key", default="")
    arguments.add_argument("--rough", action="store_true")
    arguments.add_argument("--alone", help="what generate --json wrote for the prompts")
    arguments.add_argument("--prompts", action="store_true", help="print the prompts and end")
    args = arguments.parse_args()
    if args.prompts:
        print(*map(prompt_of, range(max(args.clients))), sep="\n")
        return
    if not args.url or not args.model:
        arguments.error("--url and --model are wanted")
    whole = [measure(args, clients) for clients in args.clients]
    sys.exit(0 if all(whole) else 1)


if __name__ == "__main__":
    main()
