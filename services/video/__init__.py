"""Films of a drama: auditions, clips, episodes."""
