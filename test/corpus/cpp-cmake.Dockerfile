FROM gcc:15 AS build
RUN apt-get update && apt-get -y install cmake=3.31.6-2 ninja-build && rm -rf /var/lib/apt/lists/*
COPY . /src
WORKDIR /src/build
RUN cmake -G Ninja .. && ninja
FROM debian:trixie-slim
COPY --from=build /src/build/sim /usr/local/bin/
ENTRYPOINT ["sim"]
