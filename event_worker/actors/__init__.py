"""One module an effect: each turns one outbox row into its rows, in one transaction."""
