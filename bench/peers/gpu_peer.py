"""The training step of Cria's LLaMA presets in PyTorch, as its users write it, for a comparison on one GPU.

    python3 bench/peers/gpu_peer.py --preset dmas-1.7b --micro-batch 32              # eager
    python3 bench/peers/gpu_peer.py --preset dmas-1.7b --micro-batch 32 --compile    # torch.compile
    ./cria bench --config examples/dmas-1.7b.yaml --set batch.micro_batch=32 --device cuda

Same model, batch, sequence length and accumulation; float32 weights, moments and gradients with bfloat16 autocast, scaled
dot product attention restricted to flash attention, fused AdamW, clipping to 1. FLOPs a token are counted as `cria plan`
counts them, and MFU is a share of the peak that square bfloat16 products of 8192 reach in the same process.
Needs PyTorch with CUDA. Numbers go to standard output, as JSON too with --json.
"""

import argparse
import json
import math
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

# hidden, intermediate, layers, heads, key-value heads, vocabulary (padded to a multiple of 128)
PRESETS = {
    "dmas-1.7b": (2048, 5120, 36, 32, 8, 50304),
    "llama-124m": (768, 3072, 12, 12, 12, 50304),
    "llama-978m": (1280, 5120, 36, 20, 4, 50304),
    "nano": (256, 704, 6, 8, 4, 4096),
}
EPS = 1e-5
THETA = 500000.0
PEAK_SIZE = 8192


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1).type_as(x)


class Block(nn.Module):
    def __init__(self, hidden, intermediate, heads, kv_heads):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, hidden // heads
        self.input_norm = nn.RMSNorm(hidden, EPS)
        self.qkv = nn.Linear(hidden, (heads + 2 * kv_heads) * self.head_dim, bias=False)
        self.o = nn.Linear(hidden, hidden, bias=False)
        self.post_norm = nn.RMSNorm(hidden, EPS)
        self.gate_up = nn.Linear(hidden, 2 * intermediate, bias=False)
        self.down = nn.Linear(intermediate, hidden, bias=False)

    def forward(self, x, cos, sin):
        batch, seq, hidden = x.shape
        q, k, v = self.qkv(self.input_norm(x)).split(
            [hidden, self.kv_heads * self.head_dim, self.kv_heads * self.head_dim], dim=-1
        )
        q = rotate(q.view(batch, seq, self.heads, self.head_dim).transpose(1, 2), cos, sin)
        k = rotate(k.view(batch, seq, self.kv_heads, self.head_dim).transpose(1, 2), cos, sin)
        v = v.view(batch, seq, self.kv_heads, self.head_dim).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=self.heads != self.kv_heads)
        x = x + self.o(y.transpose(1, 2).reshape(batch, seq, hidden))
        gate, up = self.gate_up(self.post_norm(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Llama(nn.Module):
    def __init__(self, hidden, intermediate, layers, heads, kv_heads, vocabulary, seq):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.blocks = nn.ModuleList(Block(hidden, intermediate, heads, kv_heads) for _ in range(layers))
        self.norm = nn.RMSNorm(hidden, EPS)
        self.head = nn.Linear(hidden, vocabulary, bias=False)
        half = hidden // heads // 2
        angles = torch.outer(torch.arange(seq).float(), THETA ** (-torch.arange(half).float() / half))
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, 0.0, 0.02)

    def forward(self, ids, targets):
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cos, self.sin)
        logits = self.head(self.norm(x))
        return F.cross_entropy(logits.view(-1, logits.size(-1)).float(), targets.view(-1))


def gemm_peak():
    x = torch.rand(PEAK_SIZE, PEAK_SIZE, device="cuda").mul_(2).sub_(1).bfloat16()
    y = torch.rand(PEAK_SIZE, PEAK_SIZE, device="cuda").mul_(2).sub_(1).bfloat16()
    out = torch.empty_like(x)
    best = math.inf
    for _ in range(10):
        torch.cuda.synchronize()
        begun = time.perf_counter()
        for _ in range(8):
            torch.mm(x, y.t(), out=out)
        torch.cuda.synchronize()
        best = min(best, (time.perf_counter() - begun) / 8)
    return 2.0 * PEAK_SIZE**3 / best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, default="llama-124m")
    parser.add_argument("--micro-batch", type=int, default=32)
    parser.add_argument("--sequence-length", type=int, default=1024)
    parser.add_argument("--tokens-per-step", type=int, default=524288)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seconds", type=float, default=20, help="how long to measure, after the warm-up")
    parser.add_argument("--json")
    args = parser.parse_args()
    hidden, intermediate, layers, heads, kv_heads, vocabulary = PRESETS[args.preset]
    micro = args.micro_batch * args.sequence_length
    accumulation = args.tokens_per_step // micro
    if accumulation * micro != args.tokens_per_step:
        raise SystemExit(f"error: {args.tokens_per_step} tokens a step are no multiple of {micro}")

    torch.manual_seed(1337)
    torch.set_float32_matmul_precision("highest")
    model = Llama(hidden, intermediate, layers, heads, kv_heads, vocabulary, args.sequence_length).cuda()
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=6e-4, betas=(0.9, 0.95), eps=1e-8, fused=True,
    )
    multiplied = sum(p.numel() for p in decayed) - model.embedding.weight.numel()
    flops_per_token = 6 * multiplied + 12 * layers * hidden * args.sequence_length
    forward = torch.compile(model) if args.compile else model
    ids = torch.randint(vocabulary, (args.micro_batch, args.sequence_length), device="cuda")
    targets = torch.randint(vocabulary, (args.micro_batch, args.sequence_length), device="cuda")

    def step():
        total = torch.zeros((), device="cuda")
        for _ in range(accumulation):
            with torch.autocast("cuda", torch.bfloat16), sdpa_kernel(SDPBackend.FLASH_ATTENTION):
                loss = forward(ids, targets) / accumulation
            loss.backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        return total.item()

    peak = gemm_peak()
    torch.cuda.reset_peak_memory_stats()
    for _ in range(3):
        loss = step()
    times = []
    end = time.perf_counter() + args.seconds
    while time.perf_counter() < end or len(times) < 3:
        torch.cuda.synchronize()
        begun = time.perf_counter()
        loss = step()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    peak = max(peak, gemm_peak())
    times.sort()
    median = times[len(times) // 2]
    result = {
        "peer": "torch.compile" if args.compile else "eager",
        "torch": torch.__version__,
        "gpu": torch.cuda.get_device_name(),
        "preset": args.preset,
        "micro_batch": args.micro_batch,
        "accumulation": accumulation,
        "gemm_gflops": peak / 1e9,
        "flops_per_token": flops_per_token,
        "tokens_per_s": {"best": args.tokens_per_step / times[0], "median": args.tokens_per_step / median},
        "step_ms": {"best": 1e3 * times[0], "median": 1e3 * median},
        "mfu": {
            "best": flops_per_token * args.tokens_per_step / times[0] / peak,
            "median": flops_per_token * args.tokens_per_step / median / peak,
        },
        "peak_memory_bytes": torch.cuda.max_memory_allocated(),
        "last_loss": loss,
    }
    print(json.dumps(result, indent=2))
    if args.json:
        with open(args.json, "w") as file:
            json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()
