ARG CADDY=2.10
FROM caddy:${CADDY}-builder AS builder
RUN xcaddy build --with github.com/caddy-dns/cloudflare
FROM caddy:${CADDY}
COPY --from=builder /usr/bin/caddy /usr/bin/caddy
