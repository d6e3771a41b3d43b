"""The store of history: opened, read and written; the contract of everything that is kept.

Whoever records, tells history or alerts uses these and nothing else of a database:

- :meth:`Store.at` names a store; nothing is opened by it.
- ``with store.writing() as writing`` is **one transaction, and the only writer**: on the first use
  the tables are made or upgraded under the same lock. The run, its results, restatements, the state
  of alerts and the outbox of a run are written in one such block, so that a process that is killed
  between any two statements has written all of it or none.
- ``with store.reading() as reading`` is one snapshot, for everything that only looks.
- Both have ``connection``, which takes any SQLAlchemy statement on the tables of
  ``kpisdk_history.store.tables``, and :class:`Reading`'s questions (``runs``, ``results``,
  ``restatements``, ``result``). ``Writing`` appends.

Alerts: ``ALERT_STATES`` holds how many runs in a row a subject fired (the one table whose rows
change), ``ALERTS`` what happened (append-only), ``OUTBOX`` what is to be delivered. ``record``
calls what it is given as ``within`` with ``(writing, recording)`` after the results and
restatements of a run are written, inside the transaction: that is where alerts are judged and
messages put into the outbox. Delivery is a transaction of its own for each message, after the run.

Every error is a :class:`~kpisdk_history.errors.StoreError` (a sentence), and leaves the store as it
was.
"""

from kpisdk_history.store.reading import Reading
from kpisdk_history.store.runs import Recorded, Restatement, Run
from kpisdk_history.store.stores import Store
from kpisdk_history.store.writing import Writing

__all__ = ["Reading", "Recorded", "Restatement", "Run", "Store", "Writing"]
