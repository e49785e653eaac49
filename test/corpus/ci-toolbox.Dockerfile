FROM docker:28-cli
RUN apk add --no-cache bash curl git jq make \
    && curl -fsSLo /usr/local/bin/kubectl https://dl.k8s.io/release/v1.34.0/bin/linux/amd64/kubectl \
    && chmod +x /usr/local/bin/kubectl
ENTRYPOINT []
CMD ["bash"]
