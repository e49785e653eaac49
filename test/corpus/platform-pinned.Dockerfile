FROM --platform=linux/amd64 ubuntu:22.04 AS amd
RUN uname -m
FROM --platform=$TARGETPLATFORM ubuntu:22.04
COPY --from=amd /etc/os-release /amd
COPY --from=amd / /
