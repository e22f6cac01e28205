"""Films made here: a scene's layers, voices and music become a clip; clips become an episode, checked after writing."""
