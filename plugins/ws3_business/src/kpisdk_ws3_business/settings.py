"""``[plugins.ws3_business]``: how long a trigger has for the prescription that it leads to."""

import attrs

HORIZON = 30
"""Days after a trigger's calendar day on which a prescription still counts as its outcome."""


@attrs.frozen
class BusinessSettings:
    """Settings of the business KPIs.

    Attributes:
        follow_up: days that a trigger has before WS3-BI-009 counts it; 0 takes all triggers up to
            as_of. A prescription counts within 30 days, whatever is said here.
    """

    follow_up: int = attrs.field(default=HORIZON, validator=attrs.validators.ge(0))
