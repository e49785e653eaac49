# syntax=docker/dockerfile:1
FROM alpine:3.22
RUN apk add --no-cache git openssh-client
RUN --mount=type=ssh git clone git@example.com:team/private.git /src
RUN --mount=type=secret,id=netrc,target=/root/.netrc,required wget -q https://example.com/file
RUN --mount=type=cache,target=/var/cache/apk,sharing=locked apk add curl
RUN --mount=type=tmpfs,target=/tmp --network=none sh /src/build.sh
