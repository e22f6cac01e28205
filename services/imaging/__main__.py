"""`python -m services.imaging [--role serve|work|both]`."""

from __future__ import annotations

import sys

from kit.service import main
from services.imaging.app import build
from services.imaging.config import ImagingSettings
from services.imaging.planning import QUEUE

if __name__ == "__main__":
    sys.exit(main("imaging", ImagingSettings, address=lambda s: s.imaging_addr, queue=QUEUE, build=build))
