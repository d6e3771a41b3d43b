"""What ``[plugins.edu_dkt]`` of ``kpisdk.toml`` may say of knowledge tracing."""

from __future__ import annotations

import attrs


@attrs.frozen
class DktSettings:
    """Settings of the plugin.

    Attributes:
        model: Folder of the model that the KPIs use where no parameter names one.
    """

    model: str | None = None
