"""What the vendor adapters of all services share."""
