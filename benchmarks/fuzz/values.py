"""What keys are given, of about the right type or of any other."""

from typing import Any

from hypothesis import strategies as st

NUMBERS = ("0", "-1", "1", "2", "99999", "1e23", "-1e23", "1" + "0" * 22, "0.5", "-0.5", "1e-300", "nan", "inf", "-inf", "0x10")
NOTHING = ("null", "''", "' '", "", "[]", "{}", "???")
NESTED = ("[1]", "[5,1]", "[nan,1]", "[0,-1,2]", "[[1]]", "{a: 1}", "{logp: [5,1]}", "{_target_: nope}",
          "{_target_: molgen.nope.A}", "[" * 60 + "]" * 60, "{a: " * 30 + "1" + "}" * 30,
          "a,b", "range(3)", "interval(0,1)", "choice(1,2)")  # fmt: skip
TEXTS = ("true", "text", "é漢字\u202e", "C", "c1ccccc1", "[#6]", "C=C", "x" * 5000, "${nope}", "${seed}", "${now:", "a=b", "\\",
         "'", '"', "{", "]", "$(x)", "2026-01-01", "a: b", "\t", "a\nb", "\x1b[31m", "\udcff", "*", "~",
         "!!python/name:os.system")  # fmt: skip
FILES = ("in.csv", "empty.csv", "bytes.csv", "folder", "folder/x.csv", "in.csv/x.csv", "nope.csv", "nope/deep/x.csv", "loop.csv",
         "x" * 300 + ".csv", "/dev/null", "/dev/full", "/dev/stdin", "/proc/nope/x.csv", "goal.yaml", "bad.yaml", "nope.yaml",
         "folder.yaml", "bad.safetensors", "run", "~nobody/x.csv", "http://127.0.0.1:9/x.csv", "s3://bucket/x.csv")  # fmt: skip
PLAIN = ("0", "-1", "1", ".nan", ".inf", "1.0e+23", "null", "''", "[]", "{}", "[1]", "[5, 1]", "true", "text", "C", "in.csv",
         "folder", "nope.csv", "/dev/null", "bytes.csv", '"\\0"', "{a: 1}", "2026-01-01")  # fmt: skip
CLASSES = ("", "1", "nope", "a.b", "molgen", "molgen.", "molgen..a", "molgen.nope.A", "molgen.scoring.scorer", "os.system",
           "builtins.print", "subprocess.Popen", "numpy.fromfile", "molgen.errors.MolgenError",
           "molgen.scoring.component.Component", "molgen.predictors.base.Predictor",
           "molgen.search.strategy.Strategy", "molgen.scoring.scorer.Scorer",
           "molgen.scoring.scorer.Term", "molgen.scoring.transforms.Sigmoid", "molgen.scoring.components.descriptor.Descriptor",
           "molgen.scoring.scorer.scorer", "molgen.config.build", "in.csv:A", "/nope.py:A", "molgen/cli/commands.py:main",
           "molgen.chem.standardize.Standardizer", "molgen.learn.trainer.Trainer", "null", "[1]", "{}", "é.A")  # fmt: skip
ENDINGS = ("csv", "smi", "sdf", "png", "svg", "pdbqt", "parquet", "xlsx", "csv.gz", "nope")


def values(hint: Any, turn: int) -> st.SearchStrategy[str]:
    """What to give a key, mostly of about the right type; `turn` says what comes first."""
    every = NUMBERS + NOTHING + NESTED + TEXTS + FILES
    likely = {int: NUMBERS, float: NUMBERS, str: TEXTS + FILES, bool: ("true", "false", "1"), type: CLASSES}.get(
        hint, NUMBERS + TEXTS + FILES + NESTED
    )
    usual = st.sampled_from([likely[(i + turn) % len(likely)] for i in range(len(likely))])
    drawn = st.one_of(st.integers().map(str), st.floats().map(str), st.text(max_size=12))
    return st.one_of(usual, usual, usual, st.sampled_from(every), drawn)
