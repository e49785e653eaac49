FROM golang:1.25 as builder
COPY . .
RUN go build -o app
FROM alpine:3.22
COPY --from=bulder /go/app /app
COPY --from=3 /x /y
ENTRYPOINT /app
