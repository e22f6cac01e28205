"""MiniMax's films: v1 (Hailuo: task, then file) and v2 (H3)."""
