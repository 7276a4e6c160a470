"""The `meton` command: makes the native stack, runs it under supervisord, tells what is wrong with it. Imports no service."""
