import { type Message, msg } from "../../../engine/base/message.ts";

/** Signals that a container is asked to stop with, the usual ones first. */
export const signals: Readonly<Record<string, Message>> = {
  SIGTERM: msg("Asks to end; the default"),
  SIGINT: msg("Ctrl+C in a terminal"),
  SIGQUIT: msg("Ends after open requests for nginx and PHP-FPM; a core dump for others"),
  SIGKILL: msg("Ends at once: nothing can be saved"),
  SIGHUP: msg("The terminal has gone; many servers read their settings again"),
  SIGUSR1: msg("What it means is up to the program"),
  SIGUSR2: msg("What it means is up to the program"),
  SIGWINCH: msg("Ends after open requests for Apache httpd"),
  "SIGRTMIN+3": msg("Halts systemd"),
};
