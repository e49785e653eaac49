ARG BASE=debian:12-slim
FROM ${BASE} AS common
RUN useradd -u 1000000 app
FROM common AS dev
RUN apt-get update && apt-get install -y vim
CMD ["bash"]
FROM common AS test
COPY --from=dev /usr/bin/vim /usr/bin/vim
RUN ./test.sh
FROM common AS prod
USER app
CMD ["./run"]
