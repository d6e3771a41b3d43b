"""Which hardware trains: a name becomes a device, or a sentence that says why not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from kpisdk_edu_dkt.dkt.errors import DeviceError

if TYPE_CHECKING:
    import torch

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
DEVICE_NAMES: tuple[DeviceName, ...] = ("auto", "cpu", "cuda", "mps")


def choose_device(name: str, local_rank: int = 0) -> torch.device:
    """The device of a name; ``auto`` takes CUDA, then Apple's, then the CPU.

    Args:
        name: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        local_rank: Number of this process on its machine; it gets the GPU of that number.

    Raises:
        DeviceError: The device was asked for by name and is not there.
    """
    import torch

    if name not in DEVICE_NAMES:
        raise DeviceError(name, f"known are {', '.join(DEVICE_NAMES)}.")
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if name == "cuda" and not cuda:
        why = (
            "this torch was built without CUDA." if torch.version.cuda is None else "no GPU found."
        )
        raise DeviceError(name, why)
    if name == "mps" and not mps:
        raise DeviceError(name, "Apple's Metal is not available here.")
    if cuda and name in {"auto", "cuda"}:
        count = torch.cuda.device_count()
        if local_rank >= count:
            raise DeviceError(name, f"process {local_rank} finds only {count} GPU(s).")
        # cuBLAS reads this once, when CUDA starts; without it equal seeds may give other weights
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        return torch.device("cuda", local_rank)
    if mps and name in {"auto", "mps"}:
        return torch.device("mps")
    return torch.device("cpu")
