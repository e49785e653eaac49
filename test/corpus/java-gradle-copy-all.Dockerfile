FROM gradle:8-jdk17 AS build
COPY . /home/gradle/src
WORKDIR /home/gradle/src
RUN gradle build --no-daemon
FROM openjdk:8-jdk-alpine
COPY --from=build /home/gradle/src/build/libs/*.jar /app/app.jar
ENTRYPOINT exec java $JAVA_OPTS -jar /app/app.jar
