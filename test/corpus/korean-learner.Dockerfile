# 첫 번째 도커파일
FROM python:3.13
WORKDIR /앱
COPY . .
RUN pip install -r requirements.txt   # 설치
CMD python 앱.py
