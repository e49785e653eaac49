FROM python:3.13-alpine
ONBUILD WORKDIR /app
ONBUILD COPY requirements.txt ./
ONBUILD RUN pip install -r requirements.txt
ONBUILD COPY . .
CMD ["python", "main.py"]
