#!/usr/bin/env bash
# torch 2.13.0: a layer whose weights are drawn from a normal distribution imports torch's compiler when it is made on device meta.
#
# Networks are made on the device "meta" to learn their shapes, since that takes no memory. nn.Linear, whose weights are uniform,
# takes some milliseconds there. nn.Embedding, whose weights are normal, imports torch._dynamo and hundreds of other modules, because
# normal_ of a tensor without memory is carried out by torch's reference in Python.
# Skipping torch.nn.init.normal_ in a TorchFunctionMode avoids it.
#
# Seen: modules imported, Linear on meta: 1; Embedding on the CPU: 0; Embedding on meta: 822, torch._dynamo among them, in 1.5 s of
# a processor; the same in a process of its own with normal_ skipped: 1, and the shape is right.
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
cat > "$folder/seen.py" <<'PYTHON'
import sys
import time

import torch
from torch.overrides import TorchFunctionMode


class WithoutNormal(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function.__name__ == "normal_":
            return kwargs.get("tensor", args[0] if args else None)
        return function(*args, **kwargs)


def imported(make):
    """Number of modules that a layer imports, whether the compiler is one, and the shape of its weights."""
    before, began = set(sys.modules), time.process_time()
    layer = make()
    new = set(sys.modules) - before
    print(len(new), "modules,", "torch._dynamo" in new, f"{time.process_time() - began:.1f} s", tuple(layer.weight.shape))
    return len(new), "torch._dynamo" in new


def on_meta(make):
    with torch.device("meta"):
        return make()


def skipped(make):
    with torch.device("meta"), WithoutNormal():
        return make()


print("torch", torch.__version__)
if sys.argv[1:] == ["skip"]:
    sys.exit(imported(lambda: skipped(lambda: torch.nn.Embedding(40, 8))) != (1, False))
few = [imported(lambda: on_meta(lambda: torch.nn.Linear(8, 40))), imported(lambda: torch.nn.Embedding(40, 8))]
number, compiler = imported(lambda: on_meta(lambda: torch.nn.Embedding(40, 8)))
sys.exit(few != [(1, False), (0, False)] or number < 500 or not compiler)
PYTHON
"$folder/venv/bin/python" "$folder/seen.py"
"$folder/venv/bin/python" "$folder/seen.py" skip
