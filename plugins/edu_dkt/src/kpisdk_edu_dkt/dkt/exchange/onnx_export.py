"""One step of the network as an ONNX graph: take in what went before, answer for the next item.

Inputs: ``token`` (B,), ``phase`` (B,), ``numbers`` (B, F) of the event before, ``state``
(parts, layers, B, H); ``skill`` (B,), ``query_phase`` (B,), ``query`` (B, Q), ``counts`` (B, C) of
the item. Outputs: ``probability`` (B,) and ``state_after``. Inputs that a model does not read are
left out. The graph is written node by node, so that torch is not needed to export.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from kpisdk import MissingDependencyError
from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.artefact.tensor_file import write_atomically
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.features.architecture import Architecture
from kpisdk_edu_dkt.dkt.serving.network import Network

OPSET = 17
LARGEST_DIFFERENCE = 1e-5


class _Graph:
    """Nodes and constants, as they are added."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, AnyArray] = {}
        self._count = 0

    def constant(self, value: AnyArray) -> str:
        """The name of a new constant."""
        self._count += 1
        name = f"constant_{self._count}"
        self.constants[name] = value
        return name

    def node(self, operation: str, *inputs: str, output: str | None = None, **options: Any) -> str:
        """The name of the output of a new node."""
        from onnx import helper

        self._count += 1
        name = output or f"{operation.lower()}_{self._count}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], **options))
        return name

    def slice(self, name: str, begin: int, end: int, axis: int) -> str:
        """Entries ``begin`` to ``end`` along an axis."""
        bounds = (np.array([value], dtype=np.int64) for value in (begin, end, axis))
        return self.node("Slice", name, *(self.constant(bound) for bound in bounds))


def export_onnx(model: Model, path: Path | str) -> float:
    """Write one step of a model as ONNX, and check the file against the model.

    Args:
        model: The model.
        path: The file to write.

    Returns:
        The largest difference of a probability or a state, over random steps.

    Raises:
        MissingDependencyError: onnx or onnxruntime is not installed.
        ArtefactError: The exported graph answers otherwise than the model; nothing is written.
    """
    _require()
    content = _graph_bytes(model.network)
    worst = largest_difference(model, content)
    if not worst <= LARGEST_DIFFERENCE:
        raise ArtefactError(str(path), f"the exported graph differs from the model by {worst:g}.")
    write_atomically(Path(path), content)
    return worst


def _require() -> None:
    for library in ("onnx", "onnxruntime"):
        try:
            __import__(library)
        except ImportError as error:
            install = "pip install 'kpisdk-edu-dkt[onnx]'"
            raise MissingDependencyError(library, "Exporting to ONNX", install) from error


def _graph_bytes(network: Network) -> bytes:
    from onnx import TensorProto, checker, helper, numpy_helper

    size, graph = network.size, _Graph()
    gates = graph.node("Gather", graph.constant(network.token), "token")
    if network.phase is not None:
        gates = graph.node(
            "Add", gates, graph.node("Gather", graph.constant(network.phase), "phase")
        )
    if network.numbers is not None:
        product = graph.node("MatMul", "numbers", graph.constant(network.numbers))
        gates = graph.node("Add", gates, product)
    hidden = _recurrent(graph, network, gates)
    _answer(graph, network, hidden)
    floats, integers = TensorProto.FLOAT, TensorProto.INT64
    kinds = {
        name: (integers if len(shape) == 1 else floats) for name, shape in _inputs(size).items()
    }
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "knowledge_tracer_step",
            [
                helper.make_tensor_value_info(name, kinds[name], shape)
                for name, shape in _inputs(size).items()
            ],
            [
                helper.make_tensor_value_info("probability", floats, ["B"]),
                helper.make_tensor_value_info("state_after", floats, _inputs(size)["state"]),
            ],
            [
                numpy_helper.from_array(np.ascontiguousarray(value), name)
                for name, value in graph.constants.items()
            ],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=8,
    )
    checker.check_model(proto)
    return bytes(proto.SerializeToString())


def _inputs(size: Architecture) -> dict[str, list[int | str]]:
    """Name -> shape of the inputs that a model reads; B is free."""
    parts = 1 if size.cell == "gru" else 2
    shapes: dict[str, list[int | str]] = {"token": ["B"]}
    if size.input_phases:
        shapes["phase"] = ["B"]
    if size.input_width:
        shapes["numbers"] = ["B", size.input_width]
    shapes["state"] = [parts, size.layers, "B", size.hidden]
    shapes["skill"] = ["B"]
    if size.query_phases:
        shapes["query_phase"] = ["B"]
    if size.query_width:
        shapes["query"] = ["B", size.query_width]
    if size.count_width:
        shapes["counts"] = ["B", size.count_width]
    return shapes


def _recurrent(graph: _Graph, network: Network, gates: str) -> str:
    """All layers; returns the name of the top hidden state, and names ``state_after``."""
    size = network.size
    parts = 1 if size.cell == "gru" else 2
    axes = graph.constant(np.array([0, 1], dtype=np.int64))
    after: list[list[str]] = [[] for _ in range(parts)]
    for number, layer in enumerate(network.layers):
        if number:
            product = graph.node("MatMul", after[0][-1], graph.constant(layer.inward))
            gates = graph.node("Add", product, graph.constant(layer.bias_in))
        before = []
        for part in range(parts):
            here = graph.slice(graph.slice("state", part, part + 1, 0), number, number + 1, 1)
            before.append(graph.node("Squeeze", here, axes))
        product = graph.node("MatMul", before[0], graph.constant(layer.recurrent))
        recurrent = graph.node("Add", product, graph.constant(layer.bias_state))
        step = _gru if size.cell == "gru" else _lstm
        for part, name in enumerate(step(graph, gates, recurrent, before, size.hidden)):
            after[part].append(name)
    stacked = []
    for names in after:
        layers = [graph.node("Unsqueeze", name, axes) for name in names]
        stacked.append(graph.node("Concat", *layers, axis=1))
    graph.node("Concat", *stacked, output="state_after", axis=0)
    return after[0][-1]


def _gru(
    graph: _Graph, gates: str, recurrent: str, before: list[str], width: int
) -> tuple[str, ...]:
    both = graph.node(
        "Sigmoid",
        graph.node(
            "Add", graph.slice(gates, 0, 2 * width, 1), graph.slice(recurrent, 0, 2 * width, 1)
        ),
    )
    reset, keep = graph.slice(both, 0, width, 1), graph.slice(both, width, 2 * width, 1)
    kept = graph.node("Mul", reset, graph.slice(recurrent, 2 * width, 3 * width, 1))
    new = graph.node("Tanh", graph.node("Add", graph.slice(gates, 2 * width, 3 * width, 1), kept))
    change = graph.node("Mul", keep, graph.node("Sub", before[0], new))
    return (graph.node("Add", new, change),)


def _lstm(
    graph: _Graph, gates: str, recurrent: str, before: list[str], width: int
) -> tuple[str, ...]:
    total = graph.node("Add", gates, recurrent)
    part = [graph.slice(total, place * width, (place + 1) * width, 1) for place in range(4)]
    enter, forget, leave = (graph.node("Sigmoid", part[place]) for place in (0, 1, 3))
    fresh = graph.node("Mul", enter, graph.node("Tanh", part[2]))
    cell = graph.node("Add", graph.node("Mul", forget, before[1]), fresh)
    return graph.node("Mul", leave, graph.node("Tanh", cell)), cell


def _answer(graph: _Graph, network: Network, hidden: str) -> None:
    """The head of the requested skill, the item and the counts, as ``probability``."""
    last = graph.constant(np.array([1], dtype=np.int64))
    head = graph.node("Gather", graph.constant(network.head), "skill")
    logit = graph.node("ReduceSum", graph.node("Mul", hidden, head), last, keepdims=0)
    logit = graph.node(
        "Add", logit, graph.node("Gather", graph.constant(network.head_bias), "skill")
    )
    if network.query_phase is not None:
        table = graph.constant(np.asarray(network.query_phase))
        logit = graph.node("Add", logit, graph.node("Gather", table, "query_phase"))
    for name, weight in (("query", network.query), ("counts", network.counts)):
        if len(weight):
            logit = graph.node("Add", logit, graph.node("MatMul", name, graph.constant(weight)))
    graph.node("Sigmoid", logit, output="probability")


def random_step(size: Architecture, count: int, seed: int = 0) -> dict[str, AnyArray]:
    """Inputs of one step for ``count`` students, drawn at random.

    Args:
        size: Sizes of the network.
        count: Number of students.
        seed: Seed of the draw.
    """
    rng = np.random.default_rng(seed)
    limits = {
        "token": size.tokens,
        "phase": size.input_phases,
        "skill": size.heads,
        "query_phase": size.query_phases,
    }
    step: dict[str, AnyArray] = {}
    for name, shape in _inputs(size).items():
        drawn = [count if side == "B" else int(side) for side in shape]
        if name in limits:
            step[name] = rng.integers(0, limits[name], drawn)
        else:
            step[name] = rng.uniform(-1.0, 1.0, drawn).astype(np.float32)
    return step


def largest_difference(model: Model, content: bytes, seed: int = 0) -> float:
    """The largest difference between an exported graph and the NumPy network, on random steps.

    Args:
        model: The model.
        content: The exported graph.
        seed: Seed of the steps.
    """
    import onnxruntime

    network = model.network
    size = network.size
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    worst = 0.0
    for count in (1, 7):
        step = random_step(size, count, seed)
        probability, after = session.run(["probability", "state_after"], step)
        expected, state = numpy_step(network, step)
        worst = max(worst, float(np.abs(probability - expected).max()))
        worst = max(worst, float(np.abs(after - state).max()))
    return worst


def numpy_step(network: Network, step: dict[str, AnyArray]) -> tuple[AnyArray, AnyArray]:
    """(probabilities, state after) of one step, by the NumPy network.

    Args:
        network: The network.
        step: Inputs by name, as the graph takes them.
    """
    from kpisdk_edu_dkt.dkt.sigmoid import sigmoid

    nothing = np.zeros((len(step["token"]), 0), dtype=np.float32)
    gates = network.gates(
        step["token"][:, None], None, step.get("phase", step["token"]), step.get("numbers", nothing)
    )
    state = network.advance(gates, step["state"])
    logit: AnyArray = network.ask(state[0, -1], step["skill"][:, None], None)
    if network.query_phase is not None:
        logit = logit + network.query_phase[step["query_phase"]]
    for name, weight in (("query", network.query), ("counts", network.counts)):
        if len(weight):
            logit = logit + step[name] @ weight
    return sigmoid(logit), state
