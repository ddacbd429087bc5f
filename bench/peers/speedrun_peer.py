"""PyTorch's AdamW in a race of `./cria speedrun`: the same model, first weights, shards, order, schedule and evaluations.

    ./cria speedrun --out speedrun
    python3 bench/peers/speedrun_peer.py --speedrun speedrun --seeds 1,2,3
    ./cria speedrun --out speedrun            # trains nothing again, and takes the curves into its page

For each seed Cria writes its first weights and one step of training; the peer begins with these weights, and its first loss
must be Cria's. It trains as PyTorch's users do (autograd, scaled dot product attention, fused AdamW; bfloat16 autocast where
Cria computes in that) at the rate that is best for Cria's AdamW unless --learning-rate says otherwise, and writes
SPEEDRUN/peers/pytorch-adamw/seed-K.csv. Seconds are of training, without evaluations. One that is there is left alone.
Exits with 77, and says so, where PyTorch is not installed.
"""

import argparse
import csv
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

try:
    import numpy
    import torch
except ImportError:
    print("skipped: PyTorch or NumPy is not installed", file=sys.stderr)
    sys.exit(77)

import models

HOME = pathlib.Path(__file__).resolve().parents[2]
MASK = (1 << 64) - 1
NAME = "pytorch-adamw"
# Both sum the same bfloat16 products in another order: 8 bits of mantissa in the logits, averaged over a step's tokens.
FIRST_LOSS_TOLERANCE = 5e-3


def refuse(error, hint):
    print(f"error: {error}\nhint: {hint}", file=sys.stderr)
    sys.exit(2)


# The order of windows, as dev.cria.data.KeyedPermutation and Mix64 have it.


def mix(number):
    z = (number + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def permuted(element, seed, epoch, size):
    if size == 1:
        return 0
    half = ((size - 1).bit_length() + 1) // 2
    key, bits = mix((mix(seed & MASK) + epoch) & MASK), (1 << half) - 1
    while True:
        left, right = element >> half, element & bits
        for turn in range(8):
            left, right = right, left ^ (mix((key + right * 8 + turn) & MASK) & bits)
        element = left << half | right
        if element < size:
            return element


class Windows:
    """Window n of a shard holds tokens nT to nT + T; none crosses shards."""

    def __init__(self, directory, split, length):
        files = sorted(pathlib.Path(directory).glob(f"*_{split}_*.npy"))
        if not files:
            refuse(f"{directory} has no {split} shard", "name the speedrun of shards that are still there")
        self.shards = [numpy.load(file, mmap_mode="r") for file in files]
        self.length = length
        self.counts = [(len(shard) - 1) // length for shard in self.shards]
        self.count = sum(self.counts)

    def read(self, windows):
        rows = []
        for window in windows:
            shard = 0
            while window >= self.counts[shard]:
                window -= self.counts[shard]
                shard += 1
            at = window * self.length
            rows.append(self.shards[shard][at : at + self.length + 1].astype(numpy.int64))
        return torch.from_numpy(numpy.stack(rows))


class Settings:
    """The configuration that a checkpoint was trained with, by the path of each key."""

    def __init__(self, checkpoint):
        state = json.loads((checkpoint / "trainer_state.json").read_text())
        self.values = state["provenance"]["settings"]
        self.compute = state["environment"]["compute"]
        self.model = json.loads((checkpoint / "config.json").read_text())
        self.require("optimizer.kind", "adamw")
        self.require("optimizer.state", "fp32")
        self.require("schedule.kind", "cosine")
        self.require("loss.z_loss", "0.0")
        if self.model["model_type"] != "llama" or self.model["tie_word_embeddings"]:
            refuse("the peer has LLaMA's architecture with a head of its own", "another configuration")

    def require(self, key, value):
        if self.values[key] != value:
            refuse(f"{key} is {self.values[key]}, and the peer has {value} alone", f"--set {key}={value}")

    def whole(self, key):
        return int(self.values[key])

    def number(self, key):
        return float(self.values[key])

    def rate(self, step, highest):
        warmup, steps = self.whole("schedule.warmup_steps"), self.whole("schedule.steps")
        least = self.number("schedule.min_learning_rate")
        if step < warmup:
            return highest * (step + 1) / warmup
        return least + 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) * (highest - least)


def first_checkpoint(cria, speedrun, seed, folder):
    """Cria's weights before the first step of AdamW with a seed, and the loss of that step."""
    run = pathlib.Path(folder) / f"seed-{seed}"
    command = [cria, "pretrain", "--config", speedrun / "tuning/base.yaml", "--out", run, "--until", "1", "--quiet"]
    for setting in ("optimizer.kind=adamw", f"seed={seed}", "checkpoint.keep_steps=[0]"):
        command += ["--set", setting]
    subprocess.run(command, check=True)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return run / "checkpoints/step-0000000", next(line["loss"] for line in lines if "loss" in line)


def read_safetensors(file):
    with open(file, "rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        header = json.loads(opened.read(length))
        data = opened.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            flat = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32)
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


def model_of(settings, checkpoint):
    config = settings.model
    if config["rms_norm_eps"] != models.EPS or config["rope_theta"] != models.THETA:
        refuse(f"the peer has rms_norm_eps {models.EPS} and rope_theta {models.THETA}", "another configuration")
    model = models.Llama(
        config["hidden_size"],
        config["intermediate_size"],
        config["num_hidden_layers"],
        config["num_attention_heads"],
        config["num_key_value_heads"],
        config["vocab_size"],
        settings.whole("batch.sequence_length"),
    )
    given = read_safetensors(checkpoint / "model.safetensors")
    with torch.no_grad():
        model.embedding.weight.copy_(given["model.embed_tokens.weight"])
        model.norm.weight.copy_(given["model.norm.weight"])
        model.head.weight.copy_(given["lm_head.weight"])
        for number, block in enumerate(model.blocks):
            named = {name: given[f"model.layers.{number}.{name}.weight"] for name in (
                "input_layernorm", "post_attention_layernorm",
                "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
                "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")}
            block.input_norm.weight.copy_(named["input_layernorm"])
            block.post_norm.weight.copy_(named["post_attention_layernorm"])
            block.qkv.weight.copy_(torch.cat([named[f"self_attn.{part}_proj"] for part in "qkv"]))
            block.o.weight.copy_(named["self_attn.o_proj"])
            block.gate_up.weight.copy_(torch.cat([named["mlp.gate_proj"], named["mlp.up_proj"]]))
            block.down.weight.copy_(named["mlp.down_proj"])
    return model


class Race:
    """A training with its evaluations; the clock stands still while the model is evaluated."""

    def __init__(self, settings, checkpoint, seed, rate):
        self.settings, self.seed, self.rate = settings, seed, rate
        self.model = model_of(settings, checkpoint)
        self.optimizer = models.adamw(self.model)
        betas = tuple(float(beta) for beta in settings.values["optimizer.betas"].strip("[]").split(","))
        for group in self.optimizer.param_groups:
            group["betas"], group["eps"] = betas, settings.number("optimizer.eps")
            if group["weight_decay"] > 0:
                group["weight_decay"] = settings.number("optimizer.weight_decay")
        length = settings.whole("batch.sequence_length")
        self.train = Windows(settings.values["data.path"], "train", length)
        self.validation = Windows(settings.values["data.path"], "val", length)
        self.micro_batch = settings.whole("batch.micro_batch")
        self.windows_per_step = settings.whole("batch.tokens_per_step") // length
        self.seconds = 0.0

    def loss(self, rows):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.compute == "bf16"):
            return self.model(rows[:, :-1], rows[:, 1:].contiguous())

    def window(self, position):
        epoch, within = divmod(position, self.train.count)
        shuffled = self.settings.values["data.order"] == "shuffled"
        return permuted(within, self.seed, epoch, self.train.count) if shuffled else within

    def step(self, number):
        begun = time.perf_counter()
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.rate(number, self.rate)
        total = 0.0
        parts = self.windows_per_step // self.micro_batch
        for part in range(parts):
            first = number * self.windows_per_step + part * self.micro_batch
            rows = self.train.read([self.window(first + row) for row in range(self.micro_batch)])
            loss = self.loss(rows) / parts
            loss.backward()
            total += loss.item()
        clip = self.settings.number("optimizer.grad_clip")
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), clip if clip > 0 else math.inf)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.seconds += time.perf_counter() - begun
        return total

    @torch.no_grad()
    def validate(self):
        limit = self.settings.whole("validation.batches") * self.micro_batch
        count = min(limit, self.validation.count) if limit > 0 else self.validation.count
        total = 0.0
        for first in range(0, count, self.micro_batch):
            windows = range(first, min(first + self.micro_batch, count))
            total += self.loss(self.validation.read(windows)).item() * len(windows)
        return total / count

    def run(self, first_loss):
        steps, every = self.settings.whole("schedule.steps"), self.settings.whole("validation.every")
        rows = []
        for number in range(steps + 1):
            if number % every == 0 or number == steps:
                rows.append((number, self.validate(), round(self.seconds, 4), self.rate))
                print(f"seed {self.seed}  step {number}/{steps}  val loss {rows[-1][1]:.4f}", file=sys.stderr)
            if number < steps:
                loss = self.step(number)
                if number == 0 and abs(loss - first_loss) > FIRST_LOSS_TOLERANCE:
                    raise SystemExit(f"error: the first loss is {loss:.5f} and Cria's {first_loss:.5f}")
        return rows


def write(file, rows):
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".part")
    with open(half, "w", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(("step", "val_loss", "seconds", "learning_rate"))
        table.writerows(rows)
    os.replace(half, file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speedrun", type=pathlib.Path, required=True, help="directory of ./cria speedrun --out")
    parser.add_argument("--seeds", default="1", help="such as 1,2,3")
    parser.add_argument("--learning-rate", type=float, help="instead of the best of Cria's AdamW")
    parser.add_argument("--threads", type=int, help="all of the machine's unless given")
    parser.add_argument("--cria", default=str(HOME / "cria"), help="writes the first weights")
    args = parser.parse_args()
    if not (args.speedrun / "speedrun.json").exists():
        refuse(f"{args.speedrun} holds no speedrun that is finished", "./cria speedrun --out DIR first")
    models.use_threads(args.threads)
    best = json.loads((args.speedrun / "speedrun.json").read_text())["runners"]["adamw"]["learning_rate"]
    rate = args.learning_rate or float(best)
    for seed in (int(word) for word in args.seeds.split(",")):
        file = args.speedrun / "peers" / NAME / f"seed-{seed}.csv"
        if file.exists():
            print(f"{file} is there already", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            checkpoint, first_loss = first_checkpoint(args.cria, args.speedrun, seed, folder)
            rows = Race(Settings(checkpoint), checkpoint, seed, rate).run(first_loss)
        write(file, rows)
        print(file)


if __name__ == "__main__":
    main()
