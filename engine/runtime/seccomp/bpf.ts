/** One struct sock_filter. */
interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Instructions that end with a return on every way through them. */
export type Block = readonly Instruction[];
export type Probe = "==" | ">" | ">=";

/** linux/filter.h */
const loadWord = 0x20;
const and = 0x54;
const goTo = 0x05;
const giveBack = 0x06;
const probes: Readonly<Record<Probe, number>> = { "==": 0x15, ">": 0x25, ">=": 0x35 };
const furthest = 255;
/** BPF_MAXINSNS */
export const longest = 4096;

/** Where a jump of a test goes: to its next instruction, or out of it because it holds or does not. */
type Way = "on" | "pass" | "fail";
interface Branch {
  readonly code: number;
  readonly k: number;
  readonly yes: Way;
  readonly no: Way;
}
/** Ends with a branch. */
export type Test = readonly (Instruction | Branch)[];

/** A word of struct seccomp_data, perhaps with only the bits of a mask. */
export function load(offset: number, mask?: number): Block {
  const word = [step(loadWord, offset)];
  return mask === undefined ? word : [...word, step(and, mask)];
}

export function returns(action: number): Block {
  return [step(giveBack, action)];
}

/** A conditional jump reaches 255 instructions; further away another jump helps. */
export function jump(probe: Probe, value: number, yes: Block, no: Block): Block {
  const code = probes[probe];
  if (no.length <= furthest) return [{ code, jt: no.length, jf: 0, k: value }, ...no, ...yes];
  return [{ code, jt: 0, jf: 1, k: value }, step(goTo, no.length), ...no, ...yes];
}

export function when(probe: Probe, value: number, yes: Way, no: Way): Branch {
  return { code: probes[probe], k: value, yes, no };
}

export function not(test: Test): Test {
  const other = { on: "on", pass: "fail", fail: "pass" } as const;
  return test.map((step) => ("yes" in step ? { ...step, yes: other[step.yes], no: other[step.no] } : step));
}

/** The body, when all tests hold; else what comes after it. */
export function guarded(tests: readonly Test[], body: Block): Block {
  const end = tests.reduce((sum, { length }) => sum + length, body.length);
  let at = 0;
  const steps = tests.flatMap((test) => {
    const [start, next] = [at, at + test.length];
    at = next;
    return test.map((instruction, index): Instruction => {
      if (!("yes" in instruction)) return instruction;
      const here = start + index + 1;
      const distance = { on: 0, pass: next - here, fail: end - here };
      const { code, k, yes, no } = instruction;
      return { code, jt: distance[yes], jf: distance[no], k };
    });
  });
  return [...steps, ...body];
}

export function assemble(block: Block): Uint8Array {
  const bytes = Buffer.alloc(block.length * 8);
  for (const [index, { code, jt, jf, k }] of block.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return bytes;
}

function step(code: number, k: number): Instruction {
  return { code, jt: 0, jf: 0, k };
}
