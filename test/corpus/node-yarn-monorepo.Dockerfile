FROM node:24-alpine AS base
RUN apk add --no-cache libc6-compat
WORKDIR /repo
COPY . .
RUN yarn install --frozen-lockfile
RUN yarn workspace web build
FROM nginx:1.29-alpine
COPY --from=base /repo/apps/web/dist /usr/share/nginx/html
