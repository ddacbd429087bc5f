"""Three steps of torch.optim.Muon, as it is (products in bfloat16) and with float64 in their place. Run: python muon.py"""
import inspect
import json
import pathlib

import torch
from torch.optim import Muon, _muon

OUT = pathlib.Path(__file__).parent.parent / "resources/oracle/muon.json"
SHAPES = {"q": (6, 11), "k": (3, 11), "down": (11, 6)}
STEPS, LR, DECAY, MOMENTUM = 3, 2e-2, 0.1, 0.95


def moved(start, gradients, dtype):
    params = {name: torch.nn.Parameter(t.clone().to(dtype)) for name, t in start.items()}
    optimizer = Muon(
        params.values(), lr=LR, weight_decay=DECAY, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw")
    for step in gradients:
        for name, gradient in step.items():
            params[name].grad = gradient.to(dtype)
        optimizer.step()
    return {name: p.detach().double().flatten().tolist() for name, p in params.items()}


def drawn(generator, scale):
    return {name: (scale * torch.randn(shape, generator=generator)).float() for name, shape in SHAPES.items()}


def lists(tensors):
    return {name: t.double().flatten().tolist() for name, t in tensors.items()}


generator = torch.Generator().manual_seed(7)
start = drawn(generator, 0.1)
gradients = [drawn(generator, 10.0 ** -i) for i in range(STEPS)]
narrow = moved(start, gradients, torch.float32)
source = inspect.getsource(_muon._zeropower_via_newtonschulz)
assert source.count(".bfloat16()") == 1
exec(source.replace(".bfloat16()", ".double()"), _muon.__dict__)
OUT.write_text(json.dumps({
    "torch": torch.__version__.split("+")[0], "shapes": SHAPES, "rate": LR, "decay": DECAY, "momentum": MOMENTUM,
    "start": lists(start), "gradients": [lists(step) for step in gradients],
    "bfloat16": narrow, "float64": moved(start, gradients, torch.float64)}) + "\n")
