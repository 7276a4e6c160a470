"""Posts: made, shown, taken away."""
