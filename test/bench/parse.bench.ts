// How long the server waits for the model: the first time, after a key, and after a new line. The middle one of many.
import { parse, reparse } from "../../engine/dockerfile/parse.ts";

const block = `FROM node:24 AS s@
# the stage
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci \\
  && npm cache clean --force
ENV A=1 B=$A
COPY --from=s0 --chown=node:node /app /app@

RUN echo @ && make -j4 all
`;

function report(name: string, step: (round: number) => void, rounds: number): void {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = process.hrtime.bigint();
    step(round);
    times.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ name, value: `${times[rounds >> 1]?.toFixed(2)} ms` }));
}

for (const count of [1000, 10_000]) {
  const text = Array.from({ length: count / 10 }, (_, at) => block.replaceAll("@", `${at}`)).join("");
  const middle = text.indexOf("make", text.length >> 1);
  let file = parse(text);
  const edit = (insert: string) => {
    file = reparse(file, file.text.slice(0, middle) + insert + file.text.slice(middle));
    return file.problems;
  };
  report(`parse ${count} lines`, () => parse(text).problems, 60);
  report(`a key in ${count} lines`, () => edit("x"), 200);
  report(`a new line in ${count} lines`, () => edit("\nRUN "), 200);
}
