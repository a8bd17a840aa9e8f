"""What an exported file holds, whatever it was made of."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from rdkit import rdBase

from molgen.own_code import target_of


@dataclass(frozen=True)
class ExportedModel:
    """A graph that was found equal to the model that it was made of.

    Attributes
    ----------
    content
        Of the .onnx file.
    notes
        What was exported and how it compares, a line each.
    """

    content: bytes
    notes: list[str]


@dataclass(frozen=True)
class Origin:
    """Where a model comes from, for the metadata of what is exported.

    Attributes
    ----------
    version
        Of molgen.
    file
        What the model was read from, whose SHA-256 is noted; None of one that is in no file.
    """

    version: str = ""
    file: Path | None = None


def with_facts(graph: onnx.ModelProto, model: Any, origin: Origin, facts: Mapping[str, Any]) -> bytes:
    """The bytes of a graph whose `metadata_props` say what it was made of, and by what.

    Parameters
    ----------
    facts
        About inputs and outputs, as JSON can hold them; texts stay as they are.
    """
    made = {"molgen": origin.version, "rdkit": rdBase.rdkitVersion, "class": target_of(type(model))}
    if origin.file is not None:
        made["sha256"] = hashlib.sha256(origin.file.read_bytes()).hexdigest()
    del graph.metadata_props[:]
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in (made | dict(facts)).items()}
    onnx.helper.set_model_props(graph, texts)
    graph.producer_name, graph.producer_version = "molgen", origin.version
    onnx.checker.check_model(graph)
    return graph.SerializeToString()
