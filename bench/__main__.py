"""`python -m bench [jobs | clip | demo | dramas | productions | listeners | gateway | generations]`: all of them when none is named."""

from __future__ import annotations

import importlib
import sys

NAMES = ("jobs", "clip", "demo", "dramas", "productions", "listeners", "gateway", "generations")


def main() -> int:
    """Returns the first exit code that is not 0."""
    chosen = sys.argv[1:] or list(NAMES)
    for name in chosen:
        if name not in NAMES:
            sys.stderr.write(f"there is no bench {name}: {', '.join(NAMES)}\n")
            return 2
        sys.argv = [f"bench.{name}"]
        code = importlib.import_module(f"bench.{name}").main()
        if code:
            return int(code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
