"""``[plugins.ws2_triggers]``: how long a trigger has for its outcome."""

import attrs

FOLLOW_UP = 30
"""Days after a trigger's calendar day in which its outcome is tracked."""


@attrs.frozen
class TriggerSettings:
    """Settings of the trigger KPIs.

    Attributes:
        follow_up: days that a trigger has for its outcome. WS2-TR-001 and WS2-TR-007 are computed
            over triggers that had them; 0 takes all triggers up to as_of.
    """

    follow_up: int = attrs.field(default=FOLLOW_UP, validator=attrs.validators.ge(0))
