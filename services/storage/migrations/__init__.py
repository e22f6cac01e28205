"""The schema's history. Expand, migrate, contract: old and new code run side by side for one release."""
