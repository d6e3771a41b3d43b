"""Definition files by their suffix, as nodes with places."""

from __future__ import annotations

from pathlib import Path

from kpisdk_definitions.places import Faults, Node, Place

YAML = (".yaml", ".yml")
TOML = (".toml",)


def read_document(path: Path, shown: str, faults: Faults) -> Node | None:
    """The document in a file; ``None`` where it cannot be read, with the fault noted.

    Args:
        path: the file.
        shown: what places call it.
        faults: where its faults are noted.
    """
    start = Place(shown, 1, 1)
    suffix = path.suffix.lower()
    if suffix not in (*YAML, *TOML):
        faults.add(start, "is no definition file: its name must end in .yaml, .yml or .toml")
        return None
    try:
        # Editors on Windows may put a byte-order mark first.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.add(start, f"byte {error.start} is not UTF-8; save the file as UTF-8")
        return None
    except OSError as error:
        faults.add(start, f"cannot be read: {error.strerror or error}")
        return None
    if suffix in TOML:
        from kpisdk_definitions.toml_text import read_toml

        return read_toml(text, shown, faults)
    from kpisdk_definitions.yaml_text import read_yaml

    return read_yaml(text, shown, faults)
