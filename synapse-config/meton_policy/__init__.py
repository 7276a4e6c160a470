"""Meton's rules inside Synapse, loaded by `modules:` in homeserver.yaml. One file a rule; imports no service."""

from __future__ import annotations

from typing import Any

from synapse.module_api import ModuleApi

from meton_policy.encryption import EncryptedRooms


class MetonPolicy:
    """The module Synapse makes at start; its configuration is empty."""

    def __init__(self, config: dict[str, Any], api: ModuleApi) -> None:  # noqa: ARG002  Synapse passes both by name
        api.register_spam_checker_callbacks(check_event_for_spam=EncryptedRooms(api).check)

    @staticmethod
    def parse_config(config: dict[str, Any]) -> dict[str, Any]:
        """Refuse settings that nobody reads; raises ValueError."""
        if config:
            raise ValueError(f"meton_policy takes no configuration, got {', '.join(sorted(config))}")
        return config
