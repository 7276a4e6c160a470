"""Uploads in, artifacts out: intake of uploads, and the FFmpeg jobs that make them playable."""
