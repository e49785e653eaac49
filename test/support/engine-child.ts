import { labOver } from "./containers-lab.ts";

// An engine of its own to be killed: node engine-child.js <home> <once | forever>. Prints the id of each container it started.
const [home = "", mode] = process.argv.slice(2);
const script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.005; done";

async function main(): Promise<void> {
  const lab = labOver(home, { Cmd: ["/bin/sh"] });
  do console.log(await lab.run(script));
  while (mode === "forever");
  setInterval(() => {}, 1000);
}

void main();
