"""Vendors' writers. An answer's body is JSON: `status` (`ok`, `refused`, `cut_off`, `failed`), `text`, and `why` for a refusal."""
