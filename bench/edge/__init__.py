"""What `python -m bench gateway` measures with: a load client, a vendor, a stub of the services behind, and the peers."""
