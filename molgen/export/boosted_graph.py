"""Boosted trees and support vectors as a graph of ONNX: features -> values."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray

from molgen.export.nodes import Nodes
from molgen.export.tree_ensemble import tree_attributes
from molgen.predictors.boosted import Boosted
from molgen.predictors.endpoint_model import BoostedEndpoint
from molgen.predictors.features import BLOCKS, Scaling

Array = NDArray[np.float64]

ZERO = 128  # of packed features in a byte without sign, whose products no processor cuts off
FEATURES, VALUES = "features", "values"


def boosted_graph(predictor: Boosted, chosen: Sequence[int]) -> onnx.ModelProto:
    """The endpoints `chosen` of a predictor: features [n, f], in the order of `NAMES`, -> values [n, t] as `predict` gives them.

    Trees see the features, the kernel machine sees them as its bytes (`Scaling.pack`), of which it takes exact products.
    """
    nodes, models = Nodes(), [predictor.models[j] for j in chosen]
    weights = np.stack([model.weights for model in models])
    trees = nodes.add(
        "TreeEnsembleRegressor", FEATURES, domain="ai.onnx.ml", **tree_attributes([model.booster for model in models])
    )
    first, second, shift = (np.array(parts, np.float32) for parts in zip(*map(linear, models), strict=True))
    score = nodes.add("Add", nodes.add("Mul", trees, nodes.constant(first)), nodes.constant(shift))
    used = np.flatnonzero((weights * second[:, None]).any(0))
    if len(used):
        packed = _packed(nodes, predictor.training.scaling)
        kernel = _kernel(nodes, packed, predictor.training.packed[used], predictor.machine.gamma)
        score = nodes.add("Add", score, nodes.add("MatMul", kernel, nodes.constant((weights[:, used].T * second).astype("f4"))))
    _finished(nodes, score, predictor, chosen)
    return nodes.model("molgen", (FEATURES, predictor.training.scaling.size), (VALUES, len(chosen)))


def linear(model: BoostedEndpoint) -> tuple[float, float, float]:
    """What an endpoint's score is, before it becomes a value: a x trees + b x kernel score + c."""
    weight, intercept = model.blend.weight, model.intercept
    if model.platt is None:
        return weight, 1 - weight, (1 - weight) * intercept
    trees, machine, both = model.platt
    first, second = both.slope * weight, both.slope * (1 - weight)
    shift = first * trees.intercept + second * (machine.slope * intercept + machine.intercept) + both.intercept
    return first * trees.slope, second * machine.slope, shift


def _packed(nodes: Nodes, scaling: Scaling) -> str:
    """Features as `Scaling.pack` rounds them, as float32."""
    nothing = nodes.add("Or", nodes.add("IsNaN", FEATURES), nodes.add("IsInf", FEATURES))
    filled = nodes.add("Where", nothing, nodes.number(0), FEATURES)
    size = nodes.cast(nodes.add("Abs", filled), "float64")  # in float32, 1 + size would lose digits
    logs = nodes.cast(nodes.add("Log", nodes.add("Add", size, nodes.number(1, "float64"))), "float32")
    signed = nodes.add("Mul", nodes.add("Sign", filled), logs)
    scaled = nodes.add("Div", nodes.add("Sub", signed, nodes.constant(scaling.mean)), nodes.constant(scaling.std))
    limited = nodes.add("Clip", scaled, nodes.number(-5), nodes.number(5))
    return nodes.add("Round", nodes.add("Mul", limited, nodes.number(Scaling.STEPS)))


def _kernel(nodes: Nodes, packed: str, known: NDArray[np.int8], gamma: float) -> str:
    """Kernel matrix [n, m] of packed features [n, f] and those of known molecules [m, f]."""
    zero = nodes.constant(np.array(ZERO, np.uint8))
    own, theirs = "", np.zeros(len(known))
    products = ""
    for start, stop in (block for block in BLOCKS.values() if block[0] < known.shape[1]):
        weight = 1 / ((stop - start) * Scaling.STEPS**2)
        part = nodes.add("Slice", packed, *(nodes.constant(np.array([place])) for place in (start, stop, 1)))
        block = known[:, start:stop].astype(np.int64)
        squares = nodes.add("ReduceSumSquare", part, nodes.constant(np.array([1])), keepdims=1)
        squares = nodes.add("Mul", squares, nodes.number(weight))
        own = nodes.add("Add", own, squares) if own else squares
        theirs += weight * (block**2).sum(1)
        asked = nodes.cast(nodes.add("Add", part, nodes.number(ZERO)), "uint8")
        product = nodes.add("MatMulInteger", asked, nodes.constant((block.T + ZERO).astype(np.uint8)), zero, zero)
        product = nodes.add("Mul", nodes.cast(product, "float32"), nodes.number(-2 * weight))
        products = nodes.add("Add", products, product) if products else product
    distance = nodes.add("Add", nodes.add("Add", products, own), nodes.constant(theirs.astype(np.float32)))
    return nodes.add("Exp", nodes.add("Mul", nodes.add("Max", distance, nodes.number(0)), nodes.number(-gamma)))


def _finished(nodes: Nodes, score: str, predictor: Boosted, chosen: Sequence[int]) -> None:
    """Values of scores: probabilities, logarithms undone, within the endpoints' bounds, nan where a molecule has no features."""
    models, endpoints = [predictor.models[j] for j in chosen], [predictor.endpoints[j] for j in chosen]
    value = score
    if any(model.platt for model in models):
        classes = nodes.constant(np.array([model.platt is not None for model in models]))
        value = nodes.add("Where", classes, nodes.add("Sigmoid", score), value)
    if any(model.logarithmic for model in models):
        logarithmic = nodes.constant(np.array([model.logarithmic for model in models]))
        exact = nodes.add("Sub", nodes.add("Exp", nodes.cast(score, "float64")), nodes.number(1, "float64"))
        value = nodes.add("Where", logarithmic, nodes.cast(exact, "float32"), value)
    lowest = [-np.inf if endpoint.lowest is None else endpoint.lowest for endpoint in endpoints]
    highest = [np.inf if endpoint.highest is None else endpoint.highest for endpoint in endpoints]
    value = nodes.add(
        "Min",
        nodes.add("Max", value, nodes.constant(np.array(lowest, np.float32))),
        nodes.constant(np.array(highest, np.float32)),
    )
    column = nodes.add("Slice", FEATURES, *(nodes.constant(np.array([place])) for place in (0, 1, 1)))
    nodes.add("Where", nodes.add("IsNaN", column), nodes.number(np.nan), value, output=VALUES)
