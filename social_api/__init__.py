"""The REST API and /ws. `routes.py` is the API on one page; each folder is one of its slices."""
