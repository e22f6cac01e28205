"""`python main.py`: starts the gateway."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # Generated code lies beside the project when it runs from a checkout that was not installed.
    sys.path.insert(1, str(Path(__file__).resolve().parent / "gen"))
    from services.gateway.__main__ import main

    main()
