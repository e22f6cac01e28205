"""Gemini's face: models and generateContent for texts and pictures."""
