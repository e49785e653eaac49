FROM golang:1.24-alpine
COPY . /app
WORKDIR /app
RUN go build .
CMD ["PORT=8080 ./app"]
