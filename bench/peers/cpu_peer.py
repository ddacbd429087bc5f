"""The training step of Cria's presets in PyTorch on the CPU, as its users write it, for a comparison on one machine.

    python3 bench/peers/cpu_peer.py --preset nano --micro-batch 16 --sequence-length 256 --compute bf16
    scripts/compare-peers                     # runs it between Cria and the other peers

Autograd, scaled dot product attention, clip_grad_norm_ and fused AdamW; float32, or bfloat16 autocast. Prints one line of
JSON: tokens a second of the best and the median step, and the peaks that matrix products reach in the same process.
With --compile the model goes through torch.compile, which needs a C++ compiler and a minute or two before the first step.
Exits with 77, and says so, where PyTorch is not installed, and with 78 where there is no compiler.
"""

import argparse
import json
import os
import shutil
import sys
import time

try:
    import torch
except ImportError:
    print("skipped: PyTorch is not installed", file=sys.stderr)
    sys.exit(77)

import models

PEAK_SIZES = (1024, 2048, 4096)
PEAK_SECONDS = 0.2


def gemm_gflops(dtype):
    """The best product of square matrices of several sizes."""
    best = 0.0
    for size in PEAK_SIZES:
        x, y = torch.randn(size, size).to(dtype), torch.randn(size, size).to(dtype).t()
        out = torch.empty(size, size, dtype=dtype)
        end = time.perf_counter() + PEAK_SECONDS
        while time.perf_counter() < end:
            begun = time.perf_counter()
            torch.mm(x, y, out=out)
            best = max(best, 2e-9 * size**3 / (time.perf_counter() - begun))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=[*models.LLAMAS, *models.GPT2S], default="llama-124m")
    parser.add_argument("--micro-batch", type=int, default=4)
    parser.add_argument("--sequence-length", type=int, default=256)
    parser.add_argument("--compute", choices=["fp32", "bf16"], default="bf16", help="bf16 is autocast")
    parser.add_argument("--compile", action="store_true", help="by torch.compile")
    parser.add_argument("--seconds", type=float, default=8, help="how long to measure, after the warm-up")
    parser.add_argument("--steps", type=int, default=40, help="how many steps to measure at most")
    args = parser.parse_args()

    if args.compile and not any(shutil.which(name) for name in (os.environ.get("CXX", "g++"), "clang++")):
        print("skipped: torch.compile needs a C++ compiler", file=sys.stderr)
        sys.exit(78)
    models.use_threads()
    torch.manual_seed(1337)
    model = models.create(args.preset, args.sequence_length)
    optimizer = models.adamw(model)
    vocabulary = next(model.parameters()).size(0)
    ids = torch.randint(vocabulary, (args.micro_batch, args.sequence_length))
    targets = torch.randint(vocabulary, (args.micro_batch, args.sequence_length))

    run = torch.compile(model) if args.compile else model

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=args.compute == "bf16"):
            loss = run(ids, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    fp32, bf16 = gemm_gflops(torch.float32), gemm_gflops(torch.bfloat16)
    losses = [step()]
    times = models.seconds_of(lambda: losses.append(step()), 3 if args.compile else 1, args.seconds, args.steps)
    bf16 = max(bf16, gemm_gflops(torch.bfloat16))
    result = {
        "peer": "PyTorch " + torch.__version__,
        "compute": args.compute + (" compiled" if args.compile else ""),
        "preset": args.preset,
        "micro_batch": args.micro_batch,
        "sequence_length": args.sequence_length,
        "gemm_gflops": {"fp32": fp32, "bf16": bf16},
        "tokens_per_s": models.tokens_per_s(ids.numel(), times),
        "steps": len(times),
        "flops_per_token": models.flops_per_token(model, args.sequence_length),
        "first_loss": losses[0],
        "last_loss": losses[-1],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
