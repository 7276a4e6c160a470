"""The `meton` command: makes the native stack, runs it, tells what is wrong with it. Imports no service."""
