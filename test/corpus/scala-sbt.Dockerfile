FROM sbtscala/scala-sbt:eclipse-temurin-21.0.6_7_1.10.11_3.6.4 AS build
WORKDIR /app
COPY project ./project
COPY build.sbt ./
RUN sbt update
COPY . .
RUN sbt stage
FROM eclipse-temurin:21
COPY --from=build /app/target/universal/stage /opt/app
ENTRYPOINT ["/opt/app/bin/service"]
