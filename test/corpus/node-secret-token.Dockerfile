FROM node:24
ARG NPM_TOKEN
ENV AUTH_TOKEN=abcdef0123456789
COPY .npmrc package.json ./
RUN echo "//registry.npmjs.org/:_authToken=$NPM_TOKEN" > ~/.npmrc && npm install && rm ~/.npmrc
COPY . .
CMD node index.js
