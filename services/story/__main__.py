"""`python -m services.story [--role serve|work|both]`."""

from __future__ import annotations

import sys

from kit.service import main
from services.story.config import StorySettings
from services.story.server import build

if __name__ == "__main__":
    sys.exit(main("story", StorySettings, address=lambda s: s.story_addr, queue="story", build=build))
