# Synapse, and the policy module that keeps plaintext out of encrypted rooms.
FROM matrixdotorg/synapse:v1.163.2
COPY --chown=10001:10001 synapse-config/meton_policy /opt/meton/synapse-config/meton_policy
USER 10001:10001
