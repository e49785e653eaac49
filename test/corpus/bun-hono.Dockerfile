FROM oven/bun:1.3 AS install
WORKDIR /app
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile --production
FROM oven/bun:1.3
COPY --from=install /app/node_modules node_modules
COPY . .
USER bun
ENTRYPOINT [ "bun", "run", "index.ts" ]
