"""`python -m services.video [--role serve|work|both]`."""

from __future__ import annotations

import sys

from kit.service import main
from services.video.app import build
from services.video.config import VideoSettings
from services.video.planning import QUEUE

if __name__ == "__main__":
    sys.exit(main("video", VideoSettings, address=lambda s: s.video_addr, queue=QUEUE, build=build))
