"""Why an option of a KPI cannot answer, raised while it is being resolved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.failures import failed
from kpisdk.engine.source_probes import MultipliedRowsError, UnlikeKeysError
from kpisdk.errors import ConnectionLostError, KpisdkError, ReadError


class RefusalError(Exception):
    """An option cannot answer; ``estimate`` says why. It never leaves the engine."""

    def __init__(self, estimate: Estimate) -> None:
        super().__init__(estimate.message)
        self.estimate = estimate

    @classmethod
    def of(cls, reason: Reason, message: str) -> RefusalError:
        """The refusal with that reason."""
        return cls(Estimate.absent(reason, message))


@contextmanager
def as_refusals() -> Iterator[None]:
    """Turn what goes wrong with one option's time and joins into its refusal.

    A lost connection is the whole execution's.
    """
    try:
        yield
    except ConnectionLostError:
        raise
    except ReadError as error:
        raise RefusalError(failed(error)) from error
    except (MultipliedRowsError, UnlikeKeysError) as error:
        raise RefusalError.of(Reason.UNSUPPORTED_SLICE, error.message) from error
    except KpisdkError as error:
        raise RefusalError.of(Reason.NO_ROWS, error.message) from error
    except OverflowError as error:
        message = "The window would leave the calendar (years 1 to 9999)."
        raise RefusalError.of(Reason.NO_ROWS, message) from error
