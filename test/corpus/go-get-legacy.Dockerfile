FROM golang:1.11
WORKDIR /go/src/example.com/app
COPY . .
RUN go get -d -v ./...
RUN go install github.com/golangci/golangci-lint/cmd/golangci-lint@latest
RUN go install -v ./...
CMD ["app"]
