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
from torch.nn.attention import SDPBackend, sdpa_kernel

import models

PEAK_SIZE = 8192


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
    parser.add_argument("--preset", choices=models.LLAMAS, default="llama-124m")
    parser.add_argument("--micro-batch", type=int, default=32)
    parser.add_argument("--sequence-length", type=int, default=1024)
    parser.add_argument("--tokens-per-step", type=int, default=524288)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seconds", type=float, default=20, help="how long to measure, after the warm-up")
    parser.add_argument("--json")
    args = parser.parse_args()
    micro = args.micro_batch * args.sequence_length
    accumulation = args.tokens_per_step // micro
    if accumulation * micro != args.tokens_per_step:
        raise SystemExit(f"error: {args.tokens_per_step} tokens a step are no multiple of {micro}")

    torch.manual_seed(1337)
    torch.set_float32_matmul_precision("highest")
    model = models.create(args.preset, args.sequence_length).cuda()
    optimizer = models.adamw(model)
    flops_per_token = models.flops_per_token(model, args.sequence_length)
    vocabulary = model.head.out_features
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
