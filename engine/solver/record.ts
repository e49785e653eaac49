import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { BuildRecord } from "./types.ts";

const keptRecords = 200;

/**
 * Writes `<home>/builds/<buildId>.json` in one piece and forgets the oldest. Build arguments are in none of its fields:
 * steps are as written in the Dockerfile, with their variables.
 */
export async function writeRecord(home: string, record: BuildRecord): Promise<void> {
  const folder = path.join(home, "builds");
  const file = path.join(folder, `${record.buildId}.json`);
  const aside = `${file}.new`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(aside, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  // Ids begin with the time, so that names sort by age.
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  for (const name of names.slice(0, Math.max(0, names.length - keptRecords)))
    await rm(path.join(folder, name), { force: true });
}
