FROM node:20
RUN npm install -g typescript nodemon@3 && npm cache clean --force
RUN npm i -g pm2
COPY . /app
WORKDIR /app
RUN npm install --production
CMD pm2-runtime ecosystem.config.js
