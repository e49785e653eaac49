import { forwardPorts } from "../../engine/containers/monitor/forward.ts";

// Like a monitor: forwards the socket inherited as descriptor 3. node forward-child.js <protocol> <container port> <host address>
const protocol = process.argv[2] === "udp" ? "udp" : "tcp";
const mapping = {
  containerPort: Number(process.argv[3]),
  protocol,
  hostIp: process.argv[4] ?? "",
  hostPort: 0,
} as const;
forwardPorts([{ mapping, fd: 3 }]);
process.stdin.resume().on("end", () => process.exit(0));
