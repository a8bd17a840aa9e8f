"""Networks whose matrices are rounded to eight bits, where that costs little."""

import logging
import tempfile
from pathlib import Path

import onnx
import onnxruntime

OPERATORS = ["MatMul", "Gemm", "LSTM"]  # those that ONNX Runtime multiplies in whole numbers
MOST = 0.01  # of accuracy that it may cost


def rounded_to_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """A graph with weights in eight bits and activations rounded as they come (ONNX Runtime's dynamic quantisation).

    Weights have seven bits in fact: of eight, processors without VNNI instructions cut off sums of products.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain, rounded = Path(folder) / "plain.onnx", Path(folder) / "rounded.onnx"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC  # folds what makes weights
        options.optimized_model_filepath = str(plain)
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        log = logging.getLogger()
        before, log.disabled = log.disabled, True  # it would warn of a step that these graphs don't need
        try:
            quantize_dynamic(
                plain, rounded, op_types_to_quantize=OPERATORS, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
            )
        finally:
            log.disabled = before
        return onnx.load(rounded)
