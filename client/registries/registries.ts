import * as vscode from "vscode";
import { Emitter } from "../../engine/base/events.ts";
import { engineEnded } from "../engines/http.ts";
import { askPeer } from "../engines/peer.ts";
import type { RegistryAnswer, RegistryQuestion } from "../peer/registries.ts";
import { changeEntries, dockerHub, type EntryChange, type RegistryEntry } from "./entries.ts";

const key = "registries";

/** The registries that this person has connected, and questions to them. */
export class Registries {
  readonly changed = new Emitter<void>();
  readonly #memory: vscode.Memento;
  readonly #distDir: string;

  constructor(memory: vscode.Memento, distDir: string) {
    this.#memory = memory;
    this.#distDir = distDir;
  }

  get list(): readonly RegistryEntry[] {
    return this.#memory.get<readonly RegistryEntry[]>(key) ?? [dockerHub];
  }

  async change(verb: "add" | "remove", change: EntryChange): Promise<void> {
    await this.#memory.update(key, changeEntries(this.list, verb, change));
    this.changed.emit();
  }

  async repositories(registry: string, namespace?: string): Promise<readonly string[]> {
    const answer = await this.#ask({ what: "repositories", registry, ...(namespace ? { namespace } : {}) });
    return "repositories" in answer ? answer.repositories : [];
  }

  async tags(repository: string): Promise<readonly string[]> {
    const answer = await this.#ask({ what: "tags", repository });
    return "tags" in answer ? answer.tags : [];
  }

  /** @throws EngineError when the registry does not take it; nothing is kept then. */
  async login(registry: string, username: string, password: string): Promise<void> {
    await this.#ask({ what: "login", registry, username, password });
  }

  async logout(registry: string): Promise<boolean> {
    const answer = await this.#ask({ what: "logout", registry });
    return "logout" in answer && answer.logout;
  }

  async #ask(question: RegistryQuestion): Promise<RegistryAnswer> {
    const insecureRegistries = vscode.workspace.getConfiguration().get<string[]>("drydock.insecureRegistries", []);
    for await (const answer of askPeer(this.#distDir, { kind: "registry", question, insecureRegistries })) {
      if ("registry" in answer) return answer.registry;
    }
    throw engineEnded();
  }
}
