"""Which person is which Matrix account."""
