"""Posts that people keep for themselves."""
