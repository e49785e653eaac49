FROM nginx:1.29-alpine-slim
ARG API_URL
ENV API_URL=${API_URL:-http://localhost:3000}
COPY --chmod=0644 default.conf.template /etc/nginx/templates/
HEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD wget -q -O - http://127.0.0.1/ || exit 1
