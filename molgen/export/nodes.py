"""Graphs of ONNX, written node by node."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSETS = {"": 18, "ai.onnx.ml": 3}  # of 2022 and 2021: what runtimes in use have
IR = 9
TYPES = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE, "uint8": TensorProto.UINT8}


class Nodes:
    """A graph under construction: values are known by their names."""

    def __init__(self) -> None:
        self.made: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, domain: str = "", output: str = "", **attributes: Any) -> str:
        """Apply an operator; return the name of what it gives."""
        output = output or f"{operator}_{len(self.made)}"
        self.made.append(helper.make_node(operator, list(inputs), [output], domain=domain, **attributes))
        return output

    def constant(self, values: NDArray[Any]) -> str:
        """The name of an array that doesn't change."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def number(self, value: float, dtype: str = "float32") -> str:
        """The name of a number."""
        return self.constant(np.array(value, dtype))

    def cast(self, value: str, dtype: str) -> str:
        """Bring a value to another type of numbers."""
        return self.add("Cast", value, to=TYPES[dtype])

    def model(self, name: str, given: tuple[str, int], found: tuple[str, int]) -> onnx.ModelProto:
        """The finished graph, from rows of so many float32 numbers to rows of so many.

        Raises
        ------
        onnx.checker.ValidationError
            The graph isn't whole.
        """
        values = [helper.make_tensor_value_info(key, TensorProto.FLOAT, ["molecules", size]) for key, size in (given, found)]
        graph = helper.make_graph(self.made, name, values[:1], values[1:], self.constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR)
        onnx.checker.check_model(model)
        return model
