"""What tells a frame in memory from what it was: nothing but its content, since it has no file."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any


def frame_identity(frame: Any) -> str | None:
    """A hash of all that a frame holds; ``None`` where it holds what cannot be written down.

    Looked at only where a cache was requested. It costs about as much as one reading of the rows.
    """
    try:
        return hashlib.sha256(pickle.dumps(frame, protocol=5)).hexdigest()
    except Exception:  # noqa: BLE001 - cells may be objects of any kind; then nothing is kept
        return None
