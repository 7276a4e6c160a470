# Keycloak, built with the options of stack/keycloak_distribution.py, and Meton's theme.
FROM keycloak/keycloak:26.7.5 AS built
RUN /opt/keycloak/bin/kc.sh build \
    --db=postgres \
    --health-enabled=true \
    --metrics-enabled=true \
    --http-relative-path=/auth \
    --features-disabled=impersonation

FROM keycloak/keycloak:26.7.5
COPY --from=built --chown=10001:10001 /opt/keycloak/lib/quarkus /opt/keycloak/lib/quarkus
COPY --chown=10001:10001 keycloak-realm/themes /opt/meton/keycloak-realm/themes
USER 10001:10001
