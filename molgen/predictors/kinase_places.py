"""Where in a protein kinase a residue lies: its counterpart in ABL1, by alignment, and the region around it."""

import functools

import parasail

from molgen.predictors.proteins import GAP_EXTEND, GAP_OPEN

# Residues 242 to 500 of ABL1 (UniProt P00519), its kinase domain.
FIRST = 242
DOMAIN = (
    "ITMKHKLGGGQYGEVYEGVWKKYSLTVAVKTLKEDTMEVEEFLKEAAVMKEIKHPNLVQLLGVCTREPPFYIITEFMTYGNLLDYLRECNRQEVNAVVLLYMATQISSAMEYLEKKNFIHRDL"
    "AARNCLVGENHLVKVADFGLSRLMTGDTYTAHAGAKFPIKWTAPESLAYNKFSIKSDVWAFGVLLWEIATYGMSPYPGIDLSQVYELLEKDYRMERPEGCPEKVYELMRACWQWNPSDR"
    "PSFAEIHQAFETMFQES"
)
LEAST = 100  # score of an alignment with a protein kinase; other proteins have about 40
# Between which residues of ABL1, by its structure (Nagar et al., Cell 112, 859, 2003).
REGIONS = {
    "P-loop": (248, 256),
    "C-helix": (270, 293),
    "gatekeeper": (315, 315),
    "hinge": (316, 322),
    "activation loop": (381, 408),
}
ELSEWHERE, OUTSIDE = "kinase domain", "outside the kinase domain"


@functools.lru_cache(256)
def counterparts(sequence: str) -> dict[int, int]:
    """Residues of a sequence to those of ABL1 that they are aligned with (Smith-Waterman, BLOSUM62), both counted from 1.

    Residues within the domain that ABL1 has none of are those of the residue before them. Empty for other than protein kinases.
    """
    plain = sequence.replace("O", "K").replace("J", "L").replace("U", "C")
    found = parasail.sw_trace_striped_16(plain, DOMAIN, GAP_OPEN, GAP_EXTEND, parasail.blosum62)
    if found.score < LEAST:
        return {}
    own, other = found.traceback.query, found.traceback.ref
    i = found.end_query + 1 - len(own.replace("-", ""))
    j = FIRST + found.end_ref - len(other.replace("-", ""))
    places = {}
    for left, right in zip(own, other, strict=True):
        i, j = i + (left != "-"), j + (right != "-")
        if left != "-":
            places[i] = j
    return places


def region(place: int | None) -> str:
    """The region of the kinase domain that a residue of ABL1 lies in; None lies outside."""
    if place is None:
        return OUTSIDE
    return next((name for name, (first, last) in REGIONS.items() if first <= place <= last), ELSEWHERE)
