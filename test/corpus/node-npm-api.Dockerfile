# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS deps
WORKDIR /srv
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /srv
COPY --from=deps /srv/node_modules ./node_modules
COPY src ./src
COPY package.json ./
USER node
EXPOSE 8080
CMD ["node", "src/main.js"]
