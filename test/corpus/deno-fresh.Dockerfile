FROM denoland/deno:2.5.0
EXPOSE 8000/TCP
WORKDIR /app
COPY . .
RUN deno cache main.ts
USER deno
CMD ["run", "--allow-net", "main.ts"]
