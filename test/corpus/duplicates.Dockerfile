FROM alpine:3.22 AS one
CMD ["a"]
CMD ["b"]
ENTRYPOINT ["c"]
ENTRYPOINT ["d"]
HEALTHCHECK CMD true
HEALTHCHECK NONE
FROM alpine:3.22 AS one
FROM alpine:3.22 AS scratch
USER root
