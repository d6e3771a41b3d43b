"""``python -m kpisdk``: the command line."""

import sys

from kpisdk.cli import main

if __name__ == "__main__":
    sys.exit(main())
