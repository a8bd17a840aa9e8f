"""Units of measured values: how they are written, what they convert to, and what values they allow."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

PREFIXES = {"k": 1e3, "": 1.0, "d": 1e-1, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
MOLAR = {"M": 1.0, "mM": 1e-3, "uM": 1e-6, "nM": 1e-9, "pM": 1e-12, "fM": 1e-15}
WORDS = {"molar": "M", "millimolar": "mM", "micromolar": "uM", "nanomolar": "nM", "picomolar": "pM", "femtomolar": "fM"}
P_UNIT = "-log10(mol/L)"
LOG_UNIT = "log mol/L"
LOWEST_P, HIGHEST_P = 0.5, 20.0  # what a p-value can be; other numbers are concentrations, or logarithms of other units

MOLES = re.compile(r"([munpf]?)mol(?:es?)?(?:/| |\.)?(?:l|dm3|lit(?:er|re))(?:\^?-1)?")
MASS = re.compile(r"([munpk]?)g(?:/| |\.|_)?([mudn]?)l(?:\^?-1)?")
LOG_MOLAR = re.compile(r"(-|neg(?:ative)? ?)? ?log(?:10)? ?\(?\[?(?:m|molar|mol/l)\]?\)?")
NOT_NEGATIVE = re.compile(
    r"(?:10\^?-?\d+ ?)?(?:[munpfk]?(?:l|g|mol)|[munp]?mol|[mn]?s|sec|min|hours?|hr?|days?|d|[cmn]m)(?: ?[/. ].*)?", re.IGNORECASE
)
SIGNED = re.compile(r"(?i:(?:k?cal|kj)(?:/mol| mol\^?-1)|(?:°|deg(?:rees)? ?)c)|m?eV|mV")  # energies, temperatures, potentials
ACTIVITY = re.compile(
    r"(?:^|[^a-z])((?:(?:ic|ec|ac|xc|gi|cc|dc|tc|lc|sc|ed|tgi)[_ ]?(?:50|90|20|10)|k[idb]|mic|mbc|potency)(?:app)?)(?![a-z0-9])",
    re.IGNORECASE,
)
P_VALUE = re.compile(r"(?:^|[^a-z])(?:p(?:ic|ec|ac|xc|gi|cc|dc|tc|lc|sc|ed)[_ ]?\d\d|pk[idb](?![a-z])|pchembl)", re.IGNORECASE)
LOGARITHMIC = re.compile(
    r"(?:^|[^a-z])(?:p(?:ic|ec|ac|xc|gi|cc|dc|tc|lc|sc|ed)[_ ]?\d\d|pk[a-z]{1,2}(?![a-z])|pa2|pchembl|pactivity|ppotency|pmic"
    r"|-?(?:neg)?log)",
    re.IGNORECASE,
)
NEGATIVE_LOG = re.compile(r"(?:-|neg(?:ative)?) ?_?log", re.IGNORECASE)
PLAIN_LOG = re.compile(r"(?:^|[^a-z])log", re.IGNORECASE)

Kind = Literal["molar", "mass", "p", "log", "other"]


@dataclass(frozen=True)
class Unit:
    """A unit as it is written in reports.

    Attributes
    ----------
    kind
        `molar` and `mass` are concentrations; `p` and `log` are the negative and the plain decadic logarithm of mol/L.
    factor
        What one of it is in mol/L (molar) or g/L (mass).
    """

    text: str
    kind: Kind = "other"
    factor: float = 1.0

    @property
    def concentration(self) -> bool:
        """Whether values in it are concentrations or logarithms of them."""
        return self.kind != "other"

    @property
    def logarithmic(self) -> bool:
        """Whether values in it are logarithms of concentrations."""
        return self.kind in ("p", "log")


def parse_unit(text: str) -> Unit | None:
    """The unit that `text` writes, None where it is empty; what isn't known stays as it is written.

    Known are molar units (`nM`, `umol/L`, `MICROMOLAR`), masses in a volume (`ug/mL`, ChEMBL's `ug.mL-1`), `-log M`, `log M`
    and `%`, in whatever case, with the micro sign or a u.
    """
    plain = _plain(text)
    if not plain:
        return None
    lower = plain.lower().replace("mcg", "ug")
    for name, factor in MOLAR.items():
        if plain == name or (lower == name.lower() and name != "M") or WORDS.get(lower) == name:
            return Unit(name, "molar", factor)
    if found := MOLES.fullmatch(lower):
        name = f"{found[1]}M"
        return Unit(name, "molar", MOLAR[name])
    if found := MASS.fullmatch(lower):
        return Unit(f"{found[1]}g/{found[2]}L", "mass", PREFIXES[found[1]] / PREFIXES[found[2]])
    if found := LOG_MOLAR.fullmatch(lower):
        return Unit(P_UNIT, "p") if found[1] else Unit(LOG_UNIT, "log")
    if lower in ("%", "percent", "pct"):
        return Unit("%")
    return Unit(plain)


def _plain(text: str) -> str:
    """Without odd spaces, minus signs and micro signs."""
    text = unicodedata.normalize("NFKC", text).replace("μ", "u").replace("−", "-")
    return re.sub(r"\s*/\s*", "/", " ".join(text.split()))


def split_name(name: str) -> tuple[str, Unit | None]:
    """A column's name without its unit, and the unit: `IC50 (nM)`, `EC50_uM`, `Ki, nM`, `Solubility [mg/mL]`."""
    plain = _plain(name)
    if found := re.fullmatch(r"(.*?) ?[(\[](.+)[)\]](?! *[)\]])(.*)", plain):
        stem = " ".join(f"{found[1]} {found[3]}".split())
        for written in (found[2], re.split(r"[,;] ?", found[2])[-1]):
            unit = parse_unit(written)
            if unit and _plausible(written, unit, stem):
                return stem, unit
        return plain, None
    if "%" in plain:
        return plain, Unit("%")
    spaced = re.sub(r"([a-z]c[59]0)([munpf]?M)$", r"\1 \2", plain, flags=re.IGNORECASE)  # IC50nM
    if found := re.fullmatch(r"(.+?)(?:,\s?|/|[ _.\-]+)([A-Za-z]+(?:[/_][A-Za-z]+)?)\.?", spaced):  # R's `IC50..nM.`
        unit = parse_unit(found[2].replace("_", "/"))
        condition = re.search(r"(?:^|[ _@])[\d.]+$", found[1])  # `inhibition at 10 uM`
        if unit and unit.concentration and not condition and _plausible(found[2], unit, found[1]):
            return found[1], unit
    return plain, None


def _plausible(written: str, unit: Unit, stem: str) -> bool:
    """`mm` after a name that isn't an activity's is a millimetre, `mM` is not."""
    if unit.kind != "molar":
        return unit.concentration or limits(unit.text) != (None, None) or is_signed(unit.text)
    return written == unit.text or len(written) > 2 or bool(ACTIVITY.search(stem))


def is_logarithmic(name: str) -> bool:
    """Whether a column called so holds logarithms: pIC50, pChEMBL Value, logS, -log Ki."""
    return bool(LOGARITHMIC.search(_plain(name)))


def falls(name: str) -> bool:
    """Whether the logarithms in a column called so fall as concentrations rise: pIC50 and -log Ki do, logIC50 doesn't."""
    plain = _plain(name)
    return is_logarithmic(plain) and (bool(NEGATIVE_LOG.search(plain)) or not PLAIN_LOG.search(plain))


def is_p_value(name: str) -> bool:
    """Whether a column called so holds -log10(mol/L): pIC50, pKi, pChEMBL Value."""
    return bool(P_VALUE.search(_plain(name)))


def is_activity(name: str) -> bool:
    """Whether a column called so holds concentrations, whatever their unit: IC50, EC50, Ki, Kd, MIC, Potency."""
    return bool(ACTIVITY.search(_plain(name))) and not is_logarithmic(name)


def is_signed(unit: str) -> bool:
    """Whether values in a unit may be of either sign: energies, temperatures, potentials."""
    return bool(SIGNED.fullmatch(unit))


def limits(unit: str) -> tuple[float | None, float | None]:
    """The lowest and highest value possible in a unit: of percentages, and of amounts, times, volumes and rates."""
    known = parse_unit(unit)
    if known is None or known.logarithmic:
        return None, None
    if known.text == "%":
        return 0.0, 100.0
    return (0.0, None) if known.concentration or NOT_NEGATIVE.fullmatch(known.text) else (None, None)
