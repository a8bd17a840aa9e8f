"""How far neighbours on a map of a campaign's molecules are neighbours in structure, by several methods of scikit-learn.

    python -m benchmarks.structure_map RUN

RUN is the folder of a run. Every method places all of its molecules; those that can't be asked for 10,000 at once lay out
`--laid` molecules, and the others are placed as `StructureMap.place` does. Trustworthiness (10 neighbours) and the median
Tanimoto similarity to the nearest molecule on the map are of `--compared` molecules; seconds are those of one core.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from sklearn.decomposition import PCA, KernelPCA
from sklearn.manifold import TSNE, Isomap
from threadpoolctl import threadpool_limits

from benchmarks.results import save, show
from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.chem.structure_map import Faithfulness, StructureMap
from molgen.runs.watching import RunReader


def methods(mols: list[Any], laid: list[int]) -> dict[str, Callable[[], Any]]:
    """Each method's places [n, 2] of all molecules."""
    bits = bit_matrix(mols)
    chosen = [mols[i] for i in laid]

    def similar() -> Any:
        return tanimoto_matrix(bits[laid], bits[laid]).astype(float)

    def then_placed(layout: Any) -> Any:
        return StructureMap(bits[laid], layout - layout.min(0)).place(mols)[0]

    def kernel_pca() -> Any:
        fitted = KernelPCA(2, kernel="precomputed", random_state=0).fit(similar())
        return fitted.transform(tanimoto_matrix(bits, bits[laid]).astype(float))

    def isomap() -> Any:
        distances = (1 - similar()).clip(0)
        np.fill_diagonal(distances, 0)
        return then_placed(Isomap(n_neighbors=10, metric="precomputed").fit_transform(distances))

    def whole_tsne() -> Any:
        reduced = PCA(50, random_state=0, svd_solver="randomized").fit_transform(bits.astype(np.float32))
        return TSNE(random_state=0, max_iter=500).fit_transform(reduced).astype(float)

    return {
        "PCA of the bits": lambda: PCA(2, random_state=0, svd_solver="randomized").fit_transform(bits.astype(np.float32)),
        "kernel PCA": kernel_pca,
        "Isomap, others placed": isomap,
        "t-SNE, others placed (the page's)": lambda: StructureMap.of(chosen).place(mols)[0],
        "t-SNE of the first calls, others placed": lambda: StructureMap.of(mols[: len(laid)]).place(mols)[0],
        "t-SNE of all, from 50 components": whole_tsne,
    }


@click.command()
@click.option("--laid", default=2000, help="Molecules that are laid out.")
@click.option("--compared", default=2000, help="Molecules that maps are judged by.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(laid: int, compared: int, run: Path) -> None:
    """Compare methods on the molecules of RUN."""
    reader = RunReader(run)
    reader.refresh()
    mols = [mol for mol in Molecules(reader.molecules["smiles"].tolist()).mols if mol is not None]
    rng = np.random.default_rng(0)
    anchors = sorted(rng.choice(len(mols), min(laid, len(mols)), replace=False).tolist())
    judged = rng.choice(len(mols), min(compared, len(mols)), replace=False)
    rows: list[dict[str, Any]] = []
    with threadpool_limits(1):
        for name, method in methods(mols, anchors).items():
            began = time.process_time()
            places = np.asarray(method(), float)
            seconds = time.process_time() - began
            found = Faithfulness.of([mols[i] for i in judged], places[judged])
            assert found is not None
            rows.append({"method": name, "trustworthiness": found.trustworthiness, "similarity of nearest": found.nearest,
                         "of any two": found.random, "seconds": seconds})  # fmt: skip
    show(f"Maps of {len(mols):,} molecules", rows)
    save("structure_map", rows)


if __name__ == "__main__":
    main()
