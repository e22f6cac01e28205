"""Google's Veo at the Gemini API."""
