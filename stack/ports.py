"""Every port of an installation, as a distance from its base."""

from __future__ import annotations

OFFSETS = {
    "gateway": 0,
    "social_api": 1,
    "appservice": 2,
    "keycloak": 3,
    "keycloak_management": 4,
    "synapse": 5,
    "postgres": 6,
    "valkey": 7,
    "s3": 8,
    "s3_grpc": 9,
    "weed_master": 10,
    "weed_master_grpc": 11,
    "weed_volume": 12,
    "weed_volume_grpc": 13,
    "weed_filer": 14,
    "weed_filer_grpc": 15,
    "weed_admin": 16,
    "media_worker": 17,
    "event_worker": 18,
    "synapse_metrics": 19,
    # SeaweedFS' inner worker dials its admin at this distance, whatever it is told
    "weed_admin_grpc": 10_016,
}
DEFAULT_BASE = 8080
LOWEST_BASE = 1024
HIGHEST_BASE = 65_535 - max(OFFSETS.values())
