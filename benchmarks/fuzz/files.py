"""Files that commands read: good ones that they made themselves, damaged at random, and some that never were good."""

import functools
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from click.testing import CliRunner
from hypothesis import strategies as st

from benchmarks.fuzz.values import CLASSES, PLAIN
from molgen.classes import hints
from molgen.cli.commands import main
from molgen.config import locate
from molgen.data.readers import write_table
from molgen.scoring.catalogue import catalogue
from molgen.short_names import dotted

MOLECULES = [f"{'C' * length}{end}" for length in range(1, 9) for end in ("O", "c1ccccc1O", "C(=O)Nc1ccncc1")]
ROWS = "".join(f"{text},{i % 7 + 0.5},{i % 2}\n" for i, text in enumerate(MOLECULES))
WRITTEN = ("tsv", "smi", "cxsmiles", "sdf", "parquet", "xlsx", "csv.gz", "smi.bz2", "sdf.xz", "csv.zip")
OTHERS = {
    "in.mol2": "@<TRIPOS>MOLECULE\na\n 5 4\nSMALL\nNO_CHARGES\n\n@<TRIPOS>ATOM\n 1 C 0 0 0 C.3\n 2 H 1 0 0 H\n 3 H 0 1 0 H\n"
    " 4 H 0 0 1 H\n 5 H -1 0 0 H\n@<TRIPOS>BOND\n 1 1 2 1\n 2 1 3 1\n 3 1 4 1\n 4 1 5 1\n",
    "in.cdxml": '<?xml version="1.0"?><CDXML><page><fragment id="1"><n id="2" p="0 0"/><n id="3" p="15 0"/>'
    '<b id="4" B="2" E="3"/></fragment></page></CDXML>',
    "in.mae": "f_m_ct {\n s_m_title\n :::\n a\n m_atom[1] {\n  i_m_mmod_type\n  r_m_x_coord\n  r_m_y_coord\n  r_m_z_coord\n"
    "  i_m_atomic_number\n  :::\n  1 3 0.0 0.0 0.0 6\n  :::\n }\n}\n",
    "in.mol": "a\n  x\n\n  1  0  0  0  0  0            999 V2000\n    0.0000    0.0000    0.0000 C   0  0\nM  END\n",
}  # fmt: skip
SMALL = ("scoring=drug_like", "campaign.budget=4", "search=genetic", "search.initial_design=4", "search.offspring=4")
MADE = {
    "run": ("design", *SMALL, "campaign.folder=made"),
    "sweep": ("design", "-m", *SMALL, "seed=0,1", "hydra.sweep.dir=made"),
    "screen": ("screen", "library=in.csv", "scoring=drug_like", "batch=8", "folder=made"),
    "generator": ("train", "data=in.csv", "generator=recurrent", "generator.width=8", "trainer.epochs=1", "folder=made"),
    "predictor": ("train", "data=in.csv", "predictor=boosted", "folds=0", "data.labels=[value]", "folder=made"),
}


@functools.cache
def made(name: str) -> dict[str, bytes]:
    """The files that a command makes of good settings."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "in.csv").write_text(f"smiles,value,label\n{ROWS}")
        places = {setting: f"{setting.rpartition('=')[0]}={folder}/{setting.rpartition('=')[2]}" for setting in MADE[name]}
        result = CliRunner().invoke(main, [places[text] if text.endswith(("=in.csv", "=made")) else text for text in MADE[name]])
        assert result.exit_code == 0, result.output
        files = sorted(path for path in Path(folder, "made").rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): _moved(path, f"{folder}/") for path in files}


def _moved(path: Path, folder: str) -> bytes:
    """The content of a file that belongs to a folder of any name."""
    content = path.read_bytes()
    return content.replace(folder.encode(), b"") if path.suffix in (".yaml", ".json") else content


@functools.cache
def libraries() -> dict[str, bytes]:
    """A library in every format."""
    molecules = pd.DataFrame({"smiles": MOLECULES, "value": range(len(MOLECULES))})
    found = {name: text.encode() for name, text in OTHERS.items()}
    with tempfile.TemporaryDirectory() as folder:
        for ending in WRITTEN:
            path = Path(folder) / f"in.{ending}"
            write_table(molecules, path)
            found[path.name] = path.read_bytes()
    return found | {"in.csv": f"smiles,value,label\n{ROWS}".encode()}


@st.composite
def damaged(draw: st.DrawFn, content: bytes, others: list[bytes]) -> bytes:
    """The content of a file, cut, changed, doubled, or another's."""
    place = draw(st.integers(0, len(content)))
    odd = st.sampled_from([b"\0" * 512, b"\n", b",", b'"', b"\xff\xfe", b"nan"])
    some = draw(st.one_of(st.binary(min_size=1, max_size=20), odd))
    before, behind = content[:place], content[place:]
    cut = [before, behind, before + behind[1:]]
    return draw(st.sampled_from([*cut, before + some + behind, before + some + behind[len(some) :], content + content, *others]))


@st.composite
def changed(draw: st.DrawFn, content: bytes) -> bytes:
    """A file of YAML or JSON in which one value is another, or is missing."""
    whole = yaml.safe_load(content)
    node, key = whole, None
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            break
        key = draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not node[key] or draw(st.integers(0, 5)) == 0:
            break
        node = node[key]
    if key is not None and draw(st.booleans()):
        node[key] = yaml.safe_load(draw(st.sampled_from(PLAIN))) if key != "_target_" else draw(st.sampled_from(CLASSES))
    elif key is not None:
        del node[key]
    return yaml.safe_dump(whole, sort_keys=False).encode()


@st.composite
def folders(draw: st.DrawFn, name: str) -> dict[str, bytes]:
    """What a command made, one file of it damaged or missing."""
    files = dict(made(name))
    chosen = draw(st.sampled_from(sorted(files)))
    readable = chosen.endswith(("yaml", "json"))
    if draw(st.integers(0, 4)) == 0:
        del files[chosen]
    else:
        files[chosen] = draw(changed(files[chosen]) if readable and draw(st.booleans()) else damaged(files[chosen], [b""]))
    return files


def tables() -> st.SearchStrategy[bytes]:
    """Tables of odd cells."""
    cells = st.one_of(st.sampled_from(["CCO", "smiles", "", "nan", "c1ccccc1", '"', ">1", "1e400", "label"]), st.text(max_size=5))
    rows = st.lists(st.lists(cells, max_size=4).map(",".join), max_size=6)
    return rows.map(lambda lines: as_bytes("\n".join(["smiles,value,label", *lines])))


def as_bytes(text: str) -> bytes:
    """Text that may hold what is no character."""
    return text.encode("utf-8", "surrogatepass")


@st.composite
def objectives(draw: st.DrawFn) -> bytes:
    """An objective of random components with random settings."""

    def node(target: str) -> dict[str, Any]:
        takes = {key: hint for key, hint in hints(locate(target)).items() if key != "return"}
        given = draw(st.lists(st.sampled_from(sorted(takes)), max_size=2, unique=True)) if takes else []
        return {"_target_": target} | {key: draw(plain) for key in given}

    plain = st.sampled_from([yaml.safe_load(text) for text in PLAIN])
    components = [entry.kind for entry in catalogue().values() if entry.what == "component"]
    scales = [f"molgen.scoring.transforms.{name}" for name in ("Linear", "Clip", "Sigmoid", "DoubleSigmoid", "Gaussian", "Step")]
    terms = {}
    names = ["a", "b", "a_std", "score", "a_scaled", "", 1, "x" * 99, None, "é/"]
    for name in draw(st.lists(st.sampled_from(names), max_size=2, unique=True)):
        kind = draw(st.sampled_from(components))
        component = kind.example if draw(st.booleans()) else {}
        component = (
            component
            | node(dotted(kind))
            | ({"_target_": draw(st.sampled_from(CLASSES))} if draw(st.integers(0, 9)) == 9 else {})
        )
        term = {"_target_": "molgen.scoring.scorer.Term", "component": component}
        term |= {"transform": node(draw(st.sampled_from(scales)))} if draw(st.booleans()) else {}
        terms[name] = term | draw(st.dictionaries(st.sampled_from(["weight", "nope", "_target_"]), plain, max_size=1))
    goal = {"_target_": "molgen.scoring.scorer.Scorer", "terms": terms}
    keys = st.sampled_from(["filters", "aggregate", "nope", "_target_", "terms"])
    return yaml.safe_dump(goal | draw(st.dictionaries(keys, plain, max_size=1))).encode()
