// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
// Dockerfiles by chance, of what docker 20.10 does as later versions do (so no --chmod, no owners of archives, no stage on a stage).
// One seed, one Dockerfile.
import type { Case } from "./case.ts";

export function randomCase(seed: number): Case {
  const chance = generator(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const often = (share: number): boolean => chance() < share;
  const many = (least: number, most: number) => least + Math.floor(chance() * (most - least + 1));
  const stages: string[] = [];

  const owner = () => (often(0.3) ? `--chown=${pick(["7", "7:8", "node", "node:9", "0:0", "1000"])} ` : "");
  const place = (): string => {
    const parts = Array.from({ length: many(1, 3) }, () => pick(names));
    return `${often(0.7) ? "/" : ""}${parts.join("/")}${often(0.4) ? "/" : ""}`;
  };
  const variable = () => pick(["$A", `\${B}`, `\${C:-c}`, `\${A:+d}`]);
  const copied = (): string => {
    const sources = Array.from({ length: often(0.7) ? 1 : many(2, 3) }, () => pick(files));
    const several = sources.length > 1 || sources.some((one) => one.includes("*"));
    const to = often(0.1) ? `/${pick(names)}/${variable()}` : place();
    return `${sources.join(" ")} ${several && !to.endsWith("/") ? `${to}/` : to}`;
  };
  const fromStage = (): string =>
    `COPY --from=${pick(stages)} ${owner()}/${pick(["x", "y/", "d", "d/sub", ""])} ${place()}`;
  const command = (): string => {
    const [one, other] = [`/${pick(names)}`, `/${pick(names)}/${pick(names)}`];
    return pick([
      `mkdir -p ${other}`,
      `mkdir -p ${one} && touch ${one}/made`,
      `echo ${variable()} > /out-${pick(names)}`,
      `rm -rf ${one}`,
      `rm -rf ${other}`,
      `mv ${one} ${other} 2>/dev/null || true`,
      `ln -sf ${pick(names)} ${other} || true`,
      `ln -s ${one} ${one}-link || true`,
      `chmod -R ${pick(["700", "a+rX", "g-w"])} ${one} || true`,
      `chown -R 7:8 ${one} || true`,
      `cp -a ${one} ${one}2 || true`,
      "pwd > /tmp/where; id -u >> /tmp/where",
      `rm -rf ${one} && mkdir ${one} && echo new > ${one}/new`,
    ]);
  };
  const instruction = (): string => {
    const kind = chance();
    if (stages.length > 0 && kind < 0.12) return fromStage();
    if (kind < 0.35) return `COPY ${owner()}${copied()}`;
    if (kind < 0.45) return `ADD ${pick(["t.tar", "t.tar.gz", "f", "d", "lt.tar f"])} ${place()}/`;
    if (kind < 0.57) return `WORKDIR ${place()}`;
    if (kind < 0.65) return `ENV ${pick(["A", "B"])}=${pick(["1", '"two words"', variable(), `x${variable()}`])}`;
    if (kind < 0.7) return `ARG ${pick(["A", "B", "C"])}${often(0.7) ? `=${pick(["a", variable()])}` : ""}`;
    if (kind < 0.75) return `USER ${pick(["0", "7", "7:8", "node", "1000:0"])}`;
    if (kind < 0.8)
      return pick(["LABEL a=$A", "EXPOSE 80", "VOLUME /x", "CMD a b", 'ENTRYPOINT ["e"]', "STOPSIGNAL 9"]);
    return `RUN ${command()}`;
  };

  const lines: string[] = often(0.3) ? ["ARG A=global"] : [];
  const count = many(1, 3);
  for (let at = 0; at < count; at += 1) {
    lines.push(`FROM busybox AS s${at}`);
    for (let more = many(2, 7); more > 0; more -= 1) lines.push(instruction());
    stages.push(`s${at}`);
  }
  return {
    name: `seed ${seed}`,
    dockerfile: `${lines.join("\n")}\n`,
    ...(often(0.3) && { options: { buildArgs: { A: "given" } } }),
  };
}

const names = ["x", "y", "z", "d", "sub", "a"];
const files = ["f", "g", "exec", "d", "d/", "d/sub", "e", "lf", "ld", "hard", "a*.txt", "d/*", "private", "empty", "."];

/** mulberry32. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
