FROM node:22
WORKDIR /app
ADD package.json .
RUN npm install
ADD . .
CMD ['npm', 'start']
