/** The parser of YAML, loaded with the first such file: most projects have none that we read. */
export function yaml(): typeof import("yaml") {
  return require("yaml") as typeof import("yaml");
}
