"""Pictures of a drama: portraits, covers, storyboards."""
