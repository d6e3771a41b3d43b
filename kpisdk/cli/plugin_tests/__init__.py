"""``kpisdk plugin test``: which contracts are run, how, and how their outcomes are reported."""
