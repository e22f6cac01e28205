"""A vendor simulator: OpenAI's and Gemini's wire formats on loopback, with faults and a billing ledger."""
