/** Go's names of architectures, which OCI uses too. */
export function goArchitecture(arch: string = process.arch): string {
  return { x64: "amd64", ia32: "386" }[arch] ?? arch;
}
