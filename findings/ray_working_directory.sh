#!/usr/bin/env bash
# ray 2.60.0: workers import from the driver's working directory, also where the driver itself doesn't.
#
# `python -P` (and an installed command) leaves the working directory out of sys.path. ray.init sends it to the workers all the same,
# where it stands first, so that a file there takes the place of an installed module of its name in the workers only.
#
# Seen: in a folder with ours.py, the driver raises ModuleNotFoundError for `import ours`, and a task imports it.
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q ray==2.60.0 setuptools==84.2.1
export RAY_USAGE_STATS_ENABLED=0 HOME="$folder"
mkdir "$folder/work"; cd "$folder/work"
echo 'ANSWER = 42' > ours.py
cat > "$folder/driver.py" <<'PYTHON'
import importlib
import sys

import ray


def found():
    try:
        return importlib.import_module("ours").ANSWER
    except ModuleNotFoundError as error:
        return str(error)


print("ray", ray.__version__)
ray.init("local", log_to_driver=False, logging_level="ERROR", object_store_memory=100_000_000, include_dashboard=False, num_cpus=1)
here, there = found(), ray.get(ray.remote(found).remote())
print("driver:", here)
print("worker:", there)
ray.shutdown()
sys.exit(here != "No module named 'ours'" or there != 42)
PYTHON
"$folder/venv/bin/python" -P "$folder/driver.py"
