import {
  type CancellationToken,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  ResponseError,
  type WorkspaceDocumentDiagnosticReport,
} from "vscode-languageserver/node";
import type { Analysis } from "./analysis.ts";
import { capabilities } from "./capabilities.ts";
import { Companions, companionOptions } from "./companions.ts";
import { connect } from "./connect.ts";
import { buildFacts } from "./features/build-facts.ts";
import { buildPlan } from "./features/build-plan.ts";
import { incomingCalls, outgoingCalls, prepareCallHierarchy } from "./features/call-hierarchy.ts";
import { codeActions } from "./features/code-actions.ts";
import { codeLenses, type LensCommands, lensCommands } from "./features/code-lens.ts";
import { type Completed, type CompletionOptions, completion, resolveCompletion } from "./features/completion.ts";
import { diagnostics } from "./features/diagnostics.ts";
import { folding } from "./features/folding.ts";
import { forecastHints, forecastLenses, withForecast } from "./features/forecast-hints.ts";
import { formatting, rangeFormatting } from "./features/formatting.ts";
import type { HoverAsks } from "./features/hover/spot.ts";
import { inlayHints } from "./features/inlay-hints.ts";
import { linkedEditing } from "./features/linked-editing.ts";
import { links } from "./features/links.ts";
import { baseItems, mergedDefinition, mergedHighlights, mergedHover, mergedSignatureHelp } from "./features/merged.ts";
import { onTypeFormatting } from "./features/on-type.ts";
import { proposals } from "./features/proposals.ts";
import { references } from "./features/references.ts";
import { prepareRename, type Refused, rename } from "./features/rename.ts";
import { selectionRanges } from "./features/selection-ranges.ts";
import { colours, semanticTokens } from "./features/semantic-tokens.ts";
import { SymbolList } from "./features/symbols.ts";
import { TokenHistory } from "./features/token-history.ts";
import { type EditAbilities, editAbilities } from "./features/workspace-edits.ts";
import { StageSearch } from "./features/workspace-symbols.ts";
import { withCosts } from "./forecast/with-costs.ts";
import { startForecasting } from "./forecasting.ts";
import { imageDetails } from "./known-details.ts";
import { type AskClient, KnownImages } from "./known-images.ts";
import { configFileNames } from "./lint/config-find.ts";
import { Puller } from "./pull.ts";
import { Pusher } from "./push.ts";
import { pageOf } from "./rules/pages.ts";
import { Session } from "./session.ts";
import { isRecord } from "./settings.ts";
import { grammarWanted, isPrepared, loadOnDemand } from "./shell/grammar.ts";
import { Sweeper, tune } from "./tune.ts";
import { WorkspaceDiagnostics } from "./workspace-diagnostics.ts";

const { connection, inbox, listOf } = connect();
const session = new Session(connection);
loadOnDemand((error) => {
  if (error !== undefined) connection.console.error(String(error));
  session.forget();
});
const { translate } = session;
const check = (uri: string) => {
  inbox.checked(uri);
  return session.settings.lint.enabled ? (companions.problems(uri) ?? answer(uri, [], checked)) : [];
};
let checks = 0;
const checked = (analysis: Analysis) => {
  // Before any rule is asked: what is said without the grammar is thrown away.
  if (!isPrepared("bash")) analysis.readScripts();
  if (grammarWanted()) return [];
  checks += 1;
  const list = diagnostics(analysis, translate, rulePages);
  if (!forecasts.of(analysis.uri)) return list;
  const { severities = {} } = session.lintInput(analysis.uri).config ?? {};
  return withCosts(list, {
    advice: advisor.with(analysis),
    isChosen: (rule) => Object.hasOwn(severities, rule),
    translate,
  });
};
/** Before a client that fetches diagnostics asks for those of a change: its question is on the way for as long as most checks take. */
const checkAhead = (uri: string, version: number) =>
  setImmediate(() => {
    const isNewest = session.documents.get(uri)?.version === version && !inbox.hasMore;
    if (!isNewest || !session.pullsDiagnostics || !session.settings.lint.enabled) return;
    void answer(uri, undefined, (analysis) => {
      if (!isPrepared("bash")) analysis.readScripts();
      if (!grammarWanted()) void analysis.findings;
      return undefined;
    });
  });
/** For start.ts: what a start needs has run. */
export const hasChecked = () => checks > 0;
const pusher = new Pusher(connection, session, check);
const puller = new Puller();
const workspaceDiagnostics = new WorkspaceDiagnostics({
  folders: () => (session.settings.lint.enabled && session.settings.lint.workspace ? session.folders : []),
  isOpen: (uri) => session.documents.get(uri) !== undefined,
  check: (uri, text) => settled(() => diagnostics(session.analysisOfClosed(uri, text), translate, rulePages)),
});
const companions = new Companions(session, {
  changed: (uri) => {
    session.refresh();
    pusher.schedule(uri);
  },
  failed: (error) => connection.console.error(error),
});
const tokens = new TokenHistory(listOf);
const stageSearch = new StageSearch();

const { forecasts, advisor, foretold, refreshes } = startForecasting({
  connection,
  session,
  changed(uri) {
    session.refresh();
    pusher.schedule(uri);
  },
});

/** Asked again when the shell's grammar was missing: the first script that needs it loads it. */
function settled<T>(ask: () => T): T | Promise<T> {
  const found = ask();
  return grammarWanted()?.then(() => settled(ask)) ?? found;
}

/** Answers for an open document. A bug in one feature is a missing answer and a line in the log, never a dead server. */
function answer<T>(uri: string, otherwise: T, ask: (analysis: Analysis) => T | undefined): T | Promise<T> {
  return settled(() => {
    try {
      const analysis = session.analysis(uri);
      return (analysis && ask(analysis)) ?? otherwise;
    } catch (error) {
      connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return otherwise;
    }
  });
}

/** The same for what asks files or the client. */
async function answerLater<T>(
  uri: string,
  otherwise: T,
  ask: (analysis: Analysis) => Promise<T | undefined>,
): Promise<T> {
  const asked = answer<Promise<T | undefined> | undefined>(uri, undefined, ask);
  return Promise.resolve(asked).then(
    (found) => found ?? otherwise,
    (error: unknown) =>
      answer(uri, otherwise, () => {
        throw error;
      }),
  );
}

/** The editor shows the reason. */
function orRefused<T extends object>(result: T | Refused | null): T | null | ResponseError<void> {
  if (result === null || !("refused" in result)) return result;
  return new ResponseError(LSPErrorCodes.RequestFailed, translate(result.refused));
}

function folderOf(uri: string): string {
  return uri.slice(0, uri.lastIndexOf("/"));
}

let abilities: EditAbilities = { versions: false, createsFiles: false };
/** The address under which the client shows pages of rules. */
let rulePages: string | undefined;
/** How the client wants items of completion. */
let items: CompletionOptions = { snippets: false, translate };
const askClient: AskClient = (method, params, token) => connection.sendRequest(method, params, token);
const knownImages = new KnownImages(askClient);
/** A hover or a hint without what the engine knows is one all the same. */
const findImage = imageDetails(askClient, 300);
/** A list without the engine's images is a list; one without tags is empty. */
const imagesWaitMs = 150;
const tagsWaitMs = 2000;
/** The engine may have to unpack the image first; the next key asks again. */
const filesWaitMs = 600;
/** The client's commands for stages; without them there is nothing that a lens could do. */
let stageCommands: LensCommands | undefined;
let watchesFiles = false;
let tellsFolders = false;
let registersSettings = false;

/** Writes a rule into the settings of the editor. */
let turnOffCommand: string | undefined;
/** Of the lens over a stage; without it there is none. */
let forecastCommand: string | undefined;
/** A hint of the version before stays where it is until the new one comes. */
const forecastWaitMs = 150;
/** What a hover may ask while somebody looks. */
function asksFor(token: CancellationToken): HoverAsks {
  const left = new AbortController();
  token.onCancellationRequested(() => left.abort());
  const pages = rulePages === undefined ? {} : { pages: rulePages };
  return { translate, signal: left.signal, ...pages, ...(items.images && { findImage }) };
}

connection.onInitialize((params) => {
  session.initialize(params);
  inbox.dropsStale = params.capabilities.general?.staleRequestSupport?.cancel ?? false;
  abilities = editAbilities(params.capabilities);
  const options: unknown = params.initializationOptions;
  if (isRecord(options) && typeof options.rulePages === "string") rulePages = options.rulePages;
  items = {
    translate,
    snippets: params.capabilities.textDocument?.completion?.completionItem?.snippetSupport ?? false,
    ...(isRecord(options) && typeof options.suggestCommand === "string" && { suggestCommand: options.suggestCommand }),
    ...(isRecord(options) && options.images === true && { images: knownImages }),
  };
  if (isRecord(options)) stageCommands = lensCommands(options.stageCommands);
  if (isRecord(options) && typeof options.turnOffCommand === "string") turnOffCommand = options.turnOffCommand;
  if (isRecord(options) && typeof options.forecastCommand === "string") forecastCommand = options.forecastCommand;
  refreshes.hints = params.capabilities.workspace?.inlayHint?.refreshSupport ?? false;
  refreshes.lenses = params.capabilities.workspace?.codeLens?.refreshSupport ?? false;
  companions.options = companionOptions(options);
  tellsFolders = params.capabilities.workspace?.workspaceFolders ?? false;
  watchesFiles = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
  registersSettings = params.capabilities.workspace?.didChangeConfiguration?.dynamicRegistration ?? false;
  const pull = { interFileDependencies: true, workspaceDiagnostics: true };
  return {
    serverInfo: { name: "drydock" },
    capabilities: {
      ...capabilities,
      ...(stageCommands && { codeLensProvider: {} }),
      ...(session.pullsDiagnostics && { diagnosticProvider: pull }),
    },
  };
});
connection.onInitialized(async () => {
  if (registersSettings)
    void connection.client.register(DidChangeConfigurationNotification.type, { section: "drydock" });
  if (watchesFiles) {
    // Manifests beside a Dockerfile are evidence for rules.
    const manifests =
      "**/{package.json,package-lock.json,yarn.lock,pnpm-lock.yaml,requirements*.txt,pyproject.toml,Gemfile,*.dockerignore}";
    const others = "**/{Dockerfile*,*.dockerfile,Containerfile*,*compose*.yml,*compose*.yaml,docker-bake*}";
    const watchers = [
      { globPattern: manifests },
      { globPattern: others },
      { globPattern: `**/{${configFileNames.join(",")}}` },
    ];
    void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  }
  if (tellsFolders) {
    connection.workspace.onDidChangeWorkspaceFolders(async () => {
      session.setFolders((await connection.workspace.getWorkspaceFolders()) ?? []);
      session.invalidate();
      workspaceDiagnostics.changed();
      pusher.scheduleAll();
    });
  }
  await session.readSettings();
  workspaceDiagnostics.invalidate();
  pusher.scheduleAll();
});
connection.onDidChangeConfiguration(async ({ settings }) => {
  await session.readSettings(settings);
  workspaceDiagnostics.invalidate();
  pusher.scheduleAll();
});
/** Not a Dockerfile itself, and of weight for one that is not open. */
const isEvidence = (uri: string) => !/\/node_modules\/|\/(?:Dockerfile|Containerfile)[^/]*$/.test(uri);
connection.onDidChangeWatchedFiles(({ changes }) => {
  companions.forget();
  workspaceDiagnostics.changed();
  // Configuration holds for everything below it. Of the rest only what lies beside a Dockerfile counts: an install elsewhere
  // sends thousands of events.
  const folders = new Set(session.documents.keys().map(folderOf));
  const counts = (uri: string) =>
    folders.has(folderOf(uri)) || configFileNames.some((name) => uri.endsWith(`/${name}`));
  if (changes.some(({ uri }) => isEvidence(uri))) workspaceDiagnostics.invalidate();
  if (!changes.some(({ uri }) => counts(uri))) return;
  session.invalidate();
  pusher.scheduleAll();
});

session.onStale = () => pusher.scheduleAll();
session.onShellCheckMissing = ({ message }) => {
  connection.console.info(translate(message));
  void connection.sendNotification("drydock/shellCheckMissing", { message: translate(message) });
};
connection.onNotification("drydock/trusted", () => {
  session.trust();
  pusher.scheduleAll();
});
tune();
const sweeper = new Sweeper(() => inbox.hasMore);
session.documents.onDidChangeContent(({ document }) => {
  pusher.schedule(document.uri);
  checkAhead(document.uri, document.version);
  forecasts.edited(document.uri);
  sweeper.schedule();
});
session.documents.onDidClose(({ document: { uri } }) => {
  workspaceDiagnostics.changed();
  pusher.clear(uri);
  puller.forget(uri);
  tokens.forget(uri);
});
session.documents.listen(connection);

connection.languages.diagnostics.on(async ({ textDocument: { uri }, previousResultId }) =>
  puller.report(uri, previousResultId, await check(uri)),
);
connection.languages.diagnostics.onWorkspace(async ({ previousResultIds }, token, _, progress) => {
  const partial = progress && ((items: WorkspaceDocumentDiagnosticReport[]) => progress.report({ items }));
  return {
    items: await workspaceDiagnostics.report({ previous: previousResultIds, token, ...(partial && { partial }) }),
  };
});
connection.onCompletion(async ({ textDocument: { uri }, position, context }, token) => {
  const other = companions.ask(uri, [], (companion) => companion.completion?.(position));
  if (other) return { isIncomplete: false, items: await other };
  const trigger = context?.triggerCharacter;
  const options = trigger === undefined ? items : { ...items, trigger };
  const nothing: Completed = { list: { isIncomplete: false, items: [] } };
  const ask = () => answer(uri, nothing, (analysis) => completion(analysis, position, options));
  const first = await ask();
  const more = await answerLater(uri, [], (analysis) => baseItems(analysis, position, items.snippets));
  const withMore = ({ list }: Completed) => ({ ...list, items: [...list.items, ...more] });
  if (!first.wants || !items.images) return withMore(first);
  const { tags, files } = first.wants;
  await knownImages.fetch(first.wants, tags !== undefined ? tagsWaitMs : files ? filesWaitMs : imagesWaitMs);
  return withMore(token.isCancellationRequested ? first : await ask());
});
connection.onCompletionResolve((item) => resolveCompletion(item, translate));
connection.onHover(
  ({ textDocument: { uri }, position }, token) =>
    companions.ask(uri, null, (companion) => companion.hover?.(position)) ??
    answerLater(uri, null, async (analysis) =>
      withForecast(
        await mergedHover(analysis, position, asksFor(token)),
        analysis,
        position,
        foretold(analysis),
        advisor.now(uri),
        translate,
      ),
    ),
);
connection.onSignatureHelp(({ textDocument: { uri }, position }) =>
  answerLater(uri, null, (analysis) => mergedSignatureHelp(analysis, position, translate)),
);
connection.onDefinition(
  ({ textDocument: { uri }, position }) =>
    companions.ask(uri, null, (companion) => companion.definition?.(position)) ??
    answerLater(uri, null, (analysis) => mergedDefinition(analysis, position)),
);
connection.onReferences(
  ({ textDocument: { uri }, position, context: { includeDeclaration } }, token) =>
    companions.ask(uri, [], (companion) => companion.references?.(position, includeDeclaration)) ??
    companions.alsoUsed(uri, position, token, () =>
      answer(uri, [], (analysis) => references(analysis, position, includeDeclaration)),
    ),
);
connection.onDocumentHighlight(({ textDocument: { uri }, position }) =>
  answerLater(uri, [], (analysis) => mergedHighlights(analysis, position)),
);
connection.onPrepareRename(async ({ textDocument: { uri }, position }) =>
  orRefused(await answer(uri, null, (analysis) => prepareRename(analysis, position))),
);
connection.onRenameRequest(async ({ textDocument: { uri }, position, newName }) =>
  orRefused(await answer(uri, null, (analysis) => rename(analysis, position, newName))),
);
connection.languages.callHierarchy.onPrepare(({ textDocument: { uri }, position }) =>
  answer(uri, null, (analysis) => prepareCallHierarchy(analysis, position)),
);
connection.languages.callHierarchy.onIncomingCalls(({ item }) =>
  answer(item.uri, [], (analysis) => incomingCalls(analysis, item)),
);
connection.languages.callHierarchy.onOutgoingCalls(({ item }) =>
  answer(item.uri, [], (analysis) => outgoingCalls(analysis, item)),
);
connection.languages.onLinkedEditingRange(({ textDocument: { uri }, position }) =>
  answer(uri, null, (analysis) => linkedEditing(analysis, position)),
);
connection.onSelectionRanges(({ textDocument: { uri }, positions }) =>
  answer(uri, [], (analysis) => selectionRanges(analysis, positions)),
);
connection.onWorkspaceSymbol(({ query }, token) =>
  stageSearch.find(query, { folders: session.folders, analysisOf: (uri) => session.analysis(uri), token }),
);
connection.onDocumentSymbol(({ textDocument: { uri } }) =>
  answer(uri, [], (analysis) => listOf(new SymbolList(analysis))),
);
connection.onFoldingRanges(({ textDocument: { uri } }) => answer(uri, [], folding));
connection.onDocumentLinks(({ textDocument: { uri } }) => answer(uri, [], links));
connection.languages.inlayHint.on(({ textDocument: { uri }, range }) => {
  const asks = { ...session.settings.inlayHints, translate, ...(items.images && { findImage }) };
  const { hints: level } = session.settings.forecast;
  return answerLater(uri, [], async (analysis) => {
    const hints = await inlayHints(analysis, range, asks);
    if (level === "off") return hints;
    const known = await forecasts.soon(uri, analysis.version, forecastWaitMs);
    return known ? [...hints, ...forecastHints(analysis, known.forecast, range, level, translate)] : hints;
  });
});
connection.onCodeLens(({ textDocument: { uri } }) => {
  const other = companions.ask(uri, [], (companion) => companion.codeLenses?.());
  if (other) return session.settings.codeLens.enabled ? other : [];
  const commands = session.settings.codeLens.enabled ? stageCommands : undefined;
  if (!commands) return [];
  return answer(uri, [], (analysis) => {
    const known = forecastCommand === undefined ? undefined : foretold(analysis);
    const lenses = codeLenses(analysis, commands, translate);
    return known && forecastCommand
      ? [...lenses, ...forecastLenses(analysis, known, forecastCommand, translate)]
      : lenses;
  });
});
connection.onDocumentFormatting(({ textDocument: { uri }, options }) =>
  answer(uri, [], (analysis) => formatting(analysis, options, session.settings.format)),
);
connection.onDocumentRangeFormatting(({ textDocument: { uri }, range, options }) =>
  answer(uri, [], (analysis) => rangeFormatting(analysis, range, options, session.settings.format)),
);
connection.onDocumentOnTypeFormatting(({ textDocument: { uri }, position, ch, options }) =>
  answer(uri, [], (analysis) => onTypeFormatting(analysis, position, ch, options, session.settings.format)),
);
connection.onRequest("drydock/explainContext", ({ uri }: { readonly uri: string }) => companions.explain(uri));
connection.onRequest("drydock/contextSize", ({ uri }: { readonly uri: string }, token) => companions.size(uri, token));
connection.onRequest("drydock/template", ({ folder }: { readonly folder: string }) =>
  proposals(session.projectIn(folder), translate),
);
connection.onRequest("drydock/buildFacts", ({ text }: { readonly text: string }) => buildFacts(text));
connection.onRequest("drydock/buildPlan", buildPlan);
connection.onRequest("drydock/rulePage", ({ code }: { readonly code: string }) => pageOf(code, translate) ?? null);
connection.onCodeAction(
  ({ textDocument: { uri }, range, context }) =>
    companions.ask(uri, [], (companion) => companion.codeActions?.(range)) ??
    answer(uri, [], (analysis) => {
      const { ignoreStyle } = session.settings.lint;
      return codeActions(analysis, { range, ...context, ignoreStyle, abilities, turnOffCommand }, translate);
    }),
);
connection.languages.semanticTokens.on(({ textDocument: { uri } }) =>
  answer(uri, { data: [] }, (analysis) => tokens.full(uri, colours(analysis))),
);
connection.languages.semanticTokens.onDelta(({ textDocument: { uri }, previousResultId }) =>
  answer(uri, { data: [] }, (analysis) => tokens.delta(uri, previousResultId, colours(analysis))),
);
connection.languages.semanticTokens.onRange(({ textDocument: { uri }, range }) =>
  answer(uri, { data: [] }, (analysis) => semanticTokens(analysis, range)),
);

// What the client leaves unanswered (a registration that it refuses) is no reason to end.
process.on("unhandledRejection", (reason) => connection.console.error(String(reason)));

connection.listen();
