FROM node:18
WORKDIR /usr/src/app
COPY package*.json ./
RUN npm install -g @angular/cli
RUN npm install
COPY . .
RUN ng serve --host 0.0.0.0
EXPOSE 4200
