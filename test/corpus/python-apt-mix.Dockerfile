FROM ubuntu:latest
RUN apt update
RUN apt install python3 python3-pip
RUN sudo pip3 install --upgrade pip
RUN pip3 install flask requests==2.32.0
COPY ./app /app/ # my code
WORKDIR /app
CMD ["python3 app.py"]
