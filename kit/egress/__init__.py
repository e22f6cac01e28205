"""Requests to URLs that users give: checked, then sent to the address that was checked."""
