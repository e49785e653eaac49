FROM python:3.12 AS export
RUN pip install --no-cache-dir poetry==2.1.0
WORKDIR /src
COPY pyproject.toml poetry.lock ./
RUN poetry export -f requirements.txt -o /requirements.txt
FROM python:3.12-slim
COPY --from=export /requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --requirement /tmp/requirements.txt
COPY app /app
CMD ["python", "-m", "app"]
