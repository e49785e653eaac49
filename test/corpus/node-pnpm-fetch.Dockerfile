FROM node:24-slim AS build
RUN corepack enable
WORKDIR /src
COPY pnpm-lock.yaml ./
RUN --mount=type=cache,id=pnpm,target=/root/.local/share/pnpm/store pnpm fetch
COPY . .
RUN pnpm install --offline --frozen-lockfile && pnpm build
FROM gcr.io/distroless/nodejs24-debian12
COPY --from=build /src/dist /app
CMD ["/app/server.js"]
