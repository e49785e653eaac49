import { type ImageName, officialName } from "./image-names.ts";

/**
 * Versions that get no more security updates, with the month of the last one (or that was announced for it), as their makers
 * publish it. Only what has ended when the table was last read through (November 2026): so no clock is needed.
 * Sources: debian.org LTS, ubuntu.com release cycle (standard support), alpinelinux.org releases, nodejs.org release schedule,
 * devguide.python.org versions, go.dev release policy, ruby-lang.org branches, php.net supported versions, postgresql.org versioning,
 * centos.org, fedoraproject.org, mysql.com, mongodb.com, dotnet.microsoft.com support policies, Docker's page of openjdk.
 */
const ended: Readonly<Record<string, string>> = {
  debian:
    "7 2018-05 8 2020-06 9 2022-06 10 2024-06 11 2026-08 wheezy 2018-05 jessie 2020-06 stretch 2022-06 buster 2024-06 bullseye 2026-08",
  ubuntu:
    "14.04 2019-04 16.04 2021-04 18.04 2023-05 20.04 2025-05 21.04 2022-01 21.10 2022-07 22.10 2023-07 23.04 2024-01 23.10 2024-07 " +
    "24.10 2025-07 25.04 2026-01 trusty 2019-04 xenial 2021-04 bionic 2023-05 focal 2025-05 hirsute 2022-01 impish 2022-07 " +
    "kinetic 2023-07 lunar 2024-01 mantic 2024-07 oracular 2025-07 plucky 2026-01",
  alpine:
    "3.7 2019-11 3.8 2020-05 3.10 2021-05 3.11 2021-11 3.12 2022-05 3.13 2022-11 3.14 2023-05 3.15 2023-11 3.16 2024-05 " +
    "3.17 2024-11 3.18 2025-05 3.19 2025-11 3.20 2026-04 3.21 2026-11",
  node:
    "4 2018-04 6 2019-04 8 2019-12 9 2018-06 10 2021-04 11 2019-06 12 2022-04 13 2020-06 14 2023-04 15 2021-06 16 2023-09 " +
    "17 2022-06 18 2025-04 19 2023-06 20 2026-04 21 2024-06 23 2025-06",
  python: "2 2020-01 3.4 2019-03 3.5 2020-09 3.6 2021-12 3.7 2023-06 3.8 2024-10 3.9 2025-10 3.10 2026-10",
  golang:
    "1.10 2019-02 1.11 2019-09 1.12 2020-02 1.13 2020-08 1.14 2021-02 1.15 2021-08 1.16 2022-03 1.17 2022-08 1.18 2023-02 " +
    "1.19 2023-08 1.20 2024-02 1.21 2024-08 1.22 2025-02 1.23 2025-08",
  ruby: "2.5 2021-04 2.6 2022-04 2.7 2023-03 3.0 2024-04 3.1 2025-03",
  php: "5.6 2018-12 7.1 2019-12 7.2 2020-11 7.3 2021-12 7.4 2022-11 8.0 2023-11 8.1 2025-12",
  openjdk: "7 2022-07 8 2022-07 11 2022-07 16 2022-07 17 2022-07 18 2022-07",
  postgres: "9.4 2020-02 9.5 2021-02 9.6 2021-11 10 2022-11 11 2023-11 12 2024-11 13 2025-11 14 2026-11",
  centos: "6 2020-11 7 2024-06 8 2021-12 stream8 2024-05",
  fedora: "35 2022-12 36 2023-05 37 2023-12 38 2024-05 39 2024-11 40 2025-05",
  mysql: "5.6 2021-02 5.7 2023-10 8.0 2026-04",
  mongo: "4.0 2022-04 4.2 2023-04 4.4 2024-02 5.0 2024-10 6.0 2025-07",
  dotnet: "3.1 2022-12 5.0 2022-05 6.0 2024-11 7.0 2024-05 8.0 2026-11 9.0 2026-11",
};

const byProduct = new Map(
  Object.entries(ended).map(([product, text]) => {
    const words = text.split(" ");
    return [product, new Map(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? ""]] : [])))];
  }),
);

export interface EndOfLife {
  /** `debian 10`. */
  readonly name: string;
  /** `2024-06`. */
  readonly month: string;
}

/** The version that an image holds or is built on, when it has ended. */
export function endOfLife(image: Partial<ImageName>): EndOfLife | undefined {
  const { registry, repository, tag = "" } = image;
  const isDotnet = registry === "mcr.microsoft.com" && repository?.startsWith("dotnet/") === true;
  const product = isDotnet ? "dotnet" : officialName(image);
  const parts = tag.split("-");
  const own = product === undefined ? undefined : find(product, parts[0] ?? "");
  // `node:24-bullseye`, `python:3.13-alpine3.18`: what it is built on.
  return own ?? parts.map(system).find((one) => one !== undefined);
}

function find(product: string, version: string): EndOfLife | undefined {
  const months = byProduct.get(product);
  if (!months) return undefined;
  const parts = version.split(".");
  for (let count = Math.min(parts.length, 2); count > 0; count -= 1) {
    const name = parts.slice(0, count).join(".");
    const month = months.get(name);
    if (month) return { name: `${product} ${name}`, month };
  }
  return undefined;
}

function system(part: string): EndOfLife | undefined {
  const alpine = /^alpine(\d+\.\d+)$/.exec(part)?.[1];
  if (alpine) return find("alpine", alpine);
  return /^[a-z]+$/.test(part) ? (find("debian", part) ?? find("ubuntu", part)) : undefined;
}
