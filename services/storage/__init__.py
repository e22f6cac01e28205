"""Everything that lasts: dramas, assets, jobs, accounts, vault, usage. Stateless code over Postgres, S3 and NATS.

It never calls a vendor, never touches media and never sees a key in clear.
"""
