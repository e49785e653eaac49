import { type Message, msg } from "../../../engine/base/message.ts";

/** What the page says, in the person's language; `{…}` is filled in by the page. */
export function layerWords() {
  return {
    layers: msg("Layers"),
    layerNumber: msg("layer {number}"),
    goToLine: msg("Go to {line}"),
    files: msg("Files"),
    map: msg("Map of sizes"),
    wasted: msg("Wasted space"),
    wastedOf: msg("{size} wasted"),
    nothingWasted: msg("Nothing is wasted: no layer replaces or removes what another one has stored."),
    wastedWhy: msg(
      "Stored by one layer and replaced or removed by a later one: it makes the image larger and nobody sees it. Remove it in the step that makes it.",
    ),
    efficiency: msg("Efficiency {percent}"),
    efficiencyWhy: msg("The smallest size that each file has in any layer, in relation to all that is stored of it."),
    thisLayer: msg("This layer"),
    upToHere: msg("The image up to here"),
    view: msg("What is shown"),
    filter: msg("Filter: words, or *.js"),
    added: msg("added"),
    changed: msg("changed"),
    removed: msg("removed"),
    onlyChanges: msg("Show what is {change}"),
    counts: msg("{added} added, {changed} changed, {removed} removed"),
    nothing: msg("This layer changes no files."),
    nothingFound: msg("Nothing is found."),
    noContents: msg("What is in the layers of an image can be shown by the embedded engine only."),
    reading: msg("Reading the layers…"),
    more: msg("Show {count} more"),
    moreFound: msg("There are more: type more of the name."),
    open: msg("Open"),
    compare: msg("Compare Between Layers"),
    reveal: msg("Show in its layer"),
    folder: msg("folder"),
    was: msg("was {before}"),
    inLayers: msg("in the layers {layers}"),
    removedIn: msg("removed in layer {layer}"),
    others: msg("{count} others"),
    oneOther: msg("1 other"),
    totals: msg("{files} files, {size}"),
    oneFile: msg("1 file, {size}"),
    listed: msg("The {count} largest of {total}."),
    path: msg("Path"),
    size: msg("Size"),
    where: msg("Where"),
  } satisfies Record<string, Message>;
}

export type LayerWords = Record<keyof ReturnType<typeof layerWords>, string>;
