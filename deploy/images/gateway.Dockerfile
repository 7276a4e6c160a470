# nginx, which brings njs as a module, with what it serves and runs itself. Its configuration comes with the volume.
FROM nginx:1.31.3
COPY --chown=10001:10001 gateway/media.js /opt/meton/gateway/media.js
COPY --chown=10001:10001 gateway/landing /opt/meton/gateway/landing
USER 10001:10001
