FROM node:24-slim
WORKDIR /app
COPY node_modules ./node_modules
COPY .git ./.git
COPY .env .env
COPY id_rsa /root/.ssh/id_rsa
COPY a.js b.js /app/lib
COPY ../shared ./shared
CMD ["node", "a.js"]
