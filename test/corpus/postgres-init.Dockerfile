FROM postgres:17
ENV POSTGRES_PASSWORD=postgres POSTGRES_DB=app
COPY init.sql /docker-entrypoint-initdb.d/
EXPOSE 5432
