"""Predictors as files of ONNX."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.export.boosted_graph import boosted_graph
from molgen.export.equality import largest_difference
from molgen.export.exported_model import ExportedModel, Origin, with_facts
from molgen.export.running import real_molecules, session
from molgen.predictors.base import Predictor, as_molecules
from molgen.predictors.boosted import Boosted
from molgen.predictors.features import NAMES, feature_matrix
from molgen.progress import progress

CHECKED = 300  # molecules
ODD = ["[Na+].[Cl-]", "C", "O=[U]=O", "C[Pt](C)(C)C"]  # some descriptors of which have no value
SHOWN = ("name", "task", "unit", "about", "lowest", "highest")


def export_predictor(predictor: Predictor, origin: Origin = Origin(), endpoints: Sequence[str] = ()) -> ExportedModel:
    """A graph from features [n, f] to the values [n, t] of some endpoints, compared with the predictor on real molecules.

    Parameters
    ----------
    origin
        Where the predictor comes from.
    endpoints
        Names [t]; all if empty.

    Raises
    ------
    ConfigError
        Predictors of this kind can't be exported, there is no such endpoint, or the graph differs from the predictor.
    """
    if not isinstance(predictor, Boosted):
        raise ConfigError(
            f"predictor: {type(predictor).__name__} can't be exported; those trained with predictor=boosted can, such as admet"
        )
    chosen, size = predictor.positions(endpoints), predictor.training.scaling.size
    names = [predictor.endpoints[j].name for j in chosen]
    with progress("exporting", "steps", 2) as advance:
        advance.doing("writing the graph")
        graph = boosted_graph(predictor, chosen)
        advance()
        advance.doing("comparing it with the predictor")
        molecules = as_molecules(Molecules([*real_molecules(CHECKED), *ODD, "not a molecule"]))
        found = session(graph).run(None, {"features": feature_matrix(molecules)[:, :size]})[0]
        difference = largest_difference(predictor.predict(molecules, endpoints=names).mean, found, "predictor")
        advance()
    facts: dict[str, Any] = {
        "endpoints": [{key: value for key, value in asdict(predictor.endpoints[j]).items() if key in SHOWN} for j in chosen],
        "features": list(NAMES[:size]),
    }
    count = f"{len(names)} endpoints" if len(names) > 1 else f"endpoint {names[0]}"
    notes = [
        f"{count}: features [molecules, {size}] -> values [molecules, {len(names)}]",
        f"equal to molgen for {len(molecules):,} molecules: the largest difference is {difference:.1e} standard deviations",
    ]
    return ExportedModel(with_facts(graph, predictor, origin, facts), notes)
