"""What Prometheus can ask of media_worker."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

UPLOADS_NOTICED = Counter("meton_media_uploads_noticed", "Uploads noticed, by who told of them first.", ["heard"])
JOBS = Counter("meton_media_jobs", "Jobs that ended, by how.", ["outcome"])
JOB_SECONDS = Histogram(
    "meton_media_job_seconds",
    "Time from lease to outcome.",
    buckets=(1, 3, 10, 30, 100, 300, 1000, 3000),
)
JOBS_RUNNING = Gauge("meton_media_jobs_running", "Jobs in work.")
SWEPT_AT = Gauge("meton_media_swept_timestamp_seconds", "When the bucket of uploads was last looked through.")
