#!/usr/bin/env bash
# molscore 1.9.5: PMO's objectives GSK3B and JNK3 are computed with another fingerprint than their classifiers have learnt.
#
# The random forests were trained on ECFP4 (radius 2, 2,048 bits), as in TDC, whose tests say that the first molecule below has a
# GSK3B of 0.03. molscore's table of models (LegacyQSAR.model_dictionary) starts its server with ECFP6 for both, which has as many
# bits, so that nothing complains. DRD2 (FCFP6, counts) is right.
#
# Seen, from molscore's own server, started as the table says and with ECFP4; the second molecule is an inhibitor of GSK3-beta, the
# third one of JNK3:
#   gsk3b ECFP6: 0.09 0.96 0.30; ECFP4: 0.03 0.99 0.27
#   jnk3 ECFP6: 0.06 0.01 0.96; ECFP4: 0.01 0.01 0.99
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q scikit-learn==1.1.3 numpy==1.23.5 rdkit==2022.9.5 flask==2.2.5 werkzeug==2.2.3
"$folder/venv/bin/pip" install -q --no-deps molscore==1.9.5
"$folder/venv/bin/python" - <<'PYTHON'
import json
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

from rdkit import __version__ as rdkit

SMILES = [
    "CC(C)(C)[C@H]1CCc2c(sc(NC(=O)COc3ccc(Cl)cc3)c2C(N)=O)C1",
    "Nc1nonc1-c1nc2cc(O)ccc2n1C1CCC1",
    "COC1CCC(C(=O)Nc2cc(-c3ccnc(Nc4ccc(F)cc4)c3)ccn2)CC1",
]
LEARNT = {"gsk3b": [0.03, 0.99, 0.27], "jnk3": [0.01, 0.01, 0.99]}
PACKAGE = Path(find_spec("molscore").origin).parent
TABLE = (PACKAGE / "scoring_functions" / "legacy_qsar.py").read_text()
SERVER = PACKAGE / "scoring_functions" / "servers" / "legacy_qsar_server.py"


def served(name: str, fingerprint: str) -> list[float]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = PACKAGE / "data" / "models" / "molopt" / f"{name}_current.pkl"
    words = ["--port", port, "--model_path", model, "--fp", fingerprint, "--nBits", 2048]
    server = subprocess.Popen([sys.executable, SERVER, *map(str, words)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    data, header = json.dumps({"smiles": SMILES}).encode(), {"Content-Type": "application/json"}
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/", data, header)) as answer:
                    return [round(each["pred_proba"], 2) for each in json.load(answer)]
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the server doesn't answer")
    finally:
        server.kill()
        server.wait()


print("molscore 1.9.5, rdkit", rdkit)
as_described = True
for name, learnt in LEARNT.items():
    entry = TABLE.partition(f'"molopt_{name.upper()}_current": (')[2].partition("),\n        \"")[0]
    used = next(part for part in ("ECFP6", "ECFP4") if f'"{part}"' in entry)
    given, right = served(name, used), served(name, "ECFP4")
    print(f"{name} {used}: {given}; ECFP4: {right}")
    as_described &= used == "ECFP6" and right == learnt and given != right
sys.exit(not as_described)
PYTHON
