FROM debian:12
RUN apt-get update && RUN apt-get install -y curl
RUN mkdir /x && WORKDIR /x
COPY a.txt
EXPOSE 70000 80/http
HEALTHCHECK --interval=5 curl localhost
