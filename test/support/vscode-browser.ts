// The machine's Chromium, without a window and without calls home.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function startChromium(locale?: string): Promise<Browser> {
  const executablePath = [process.env.CHROMIUM ?? "", ...candidates].find((file) => existsSync(file));
  if (!executablePath)
    throw new Error("No Chromium: install Debian's package chromium, or name one in the variable CHROMIUM");
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      ...quiet,
      "--disable-component-update",
      "--disable-sync",
      ...(locale ? [`--lang=${locale}`] : []),
    ],
  });
}
