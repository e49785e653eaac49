FROM alpine:3.22
LABEL org.opencontainers.image.title="tool" \
      org.opencontainers.image.version=1.2.3 \
      org.opencontainers.image.created=2026-11-01T10:00:00Z
LABEL maintainer team@example.com
LABEL Com.Example.Upper=1 empty=
STOPSIGNAL SIGQUIT
