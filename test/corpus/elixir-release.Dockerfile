FROM hexpm/elixir:1.18.4-erlang-27.3.4-debian-bookworm-20250610-slim AS build
ENV MIX_ENV="prod"
WORKDIR /app
RUN mix local.hex --force && mix local.rebar --force
COPY mix.exs mix.lock ./
RUN mix deps.get --only $MIX_ENV
COPY . .
RUN mix release
FROM debian:bookworm-slim
COPY --from=build /app/_build/${MIX_ENV}/rel/app /app
CMD ["/app/bin/app", "start"]
