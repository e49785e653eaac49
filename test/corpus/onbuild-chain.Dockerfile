FROM alpine:3.22
ONBUILD ONBUILD RUN echo no
ONBUILD FROM alpine
ONBUILD RUN apk add curl
