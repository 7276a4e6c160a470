"""Files on their way in (tickets for an upload) and out (signed links)."""
