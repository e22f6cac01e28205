"""The local writer: dramas from a premise in English, Chinese or Korean, by grammar, without any network."""

from __future__ import annotations

from services.story.local.critique import critique
from services.story.local.hooks import ends_on_hook
from services.story.local.improve import improve
from services.story.local.outline import write_drama
from services.story.local.scenes import write_scenes

__all__ = ["critique", "ends_on_hook", "improve", "write_drama", "write_scenes"]
