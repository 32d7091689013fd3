"""The command line: `python -m xlam_backend VERB`."""

from __future__ import annotations

import sys

from xlam_backend.owner.command_line import main
from xlam_backend.runs.without_pandas import keep_pandas_out

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], begin=keep_pandas_out))
