// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import { endOfLife } from "../../lint/end-of-life.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "base/end-of-life",
  severity: "hint",
  summary: msg("The base image holds a version that gets no more security updates"),
  why: msg("Holes that are found from now on stay open, and its package servers are often switched off."),
  learn: msg("Each version has a published last day. Take a newer tag of the same image and try your program with it."),
  sameAs: [],
  fix: "none",
  sees: [],
  examples: [
    { bad: "FROM debian:buster-slim\n#    ^^^^^^^^^^^^^^^^^^\n" },
    { bad: "FROM node:16.20.2-alpine3.18 AS build\n#    ^^^^^^^^^^^^^^^^^^^^^^^\nRUN true\n" },
    {
      bad: "ARG PYTHON=3.8\nFROM docker.io/library/python:${PYTHON}-slim\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    { bad: "FROM ruby:3.4-bullseye\n#    ^^^^^^^^^^^^^^^^^\n" },
    { bad: "FROM mcr.microsoft.com/dotnet/aspnet:6.0\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM debian:13\nFROM debian\nFROM node:24-alpine\nFROM python:3.14-slim-trixie\nFROM alpine:3.23\n",
    "FROM python:3\nFROM golang:1\nFROM node:lts\nFROM me/node:8\nFROM registry.example.com/debian:10\nFROM postgres:18\n",
    "FROM debian:12 AS bullseye\nFROM bullseye\n",
  ],
  *stage({ base, stage: { from } }) {
    const [word] = from.words;
    const found = base.kind === "image" && base.digest === undefined ? endOfLife(base) : undefined;
    if (!word || !found) return;
    yield {
      range: word.range,
      message: msg("{version} has had no security updates since {month}", {
        version: found.name,
        month: found.month,
      }),
    };
  },
});
