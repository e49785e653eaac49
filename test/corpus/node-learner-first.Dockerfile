FROM node # the image
// install things
WORKDIR app
COPY . .
RUN npm install
EXPOSE 3000 # web
RUN npm start
