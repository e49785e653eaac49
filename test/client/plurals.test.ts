import assert from "node:assert/strict";
import { sentToBuild } from "../../client/commands/context/sent.ts";
import { othersText, totalsText } from "../../client/webviews/layers/totals.ts";
import { layerWords } from "../../client/webviews/layers/words.ts";
import { formatMessage } from "../../engine/base/message.ts";
import { lensTitle } from "../../server/ignore/companion.ts";

describe("amounts of files", () => {
  it("are said of one as of many", () => {
    const title = (files: number, isWhole = true) => formatMessage(lensTitle({ files, bytes: 10, isWhole }));
    assert.equal(title(1), "Build context: 1 file, 10 B – show the largest");
    assert.equal(title(2), "Build context: 2 files, 10 B – show the largest");
    assert.equal(title(2, false), "Build context: more than 2 files, 10 B – show the largest");
    const sent = (files: number) => formatMessage(sentToBuild({ files, bytes: 10 }));
    assert.equal(sent(1), "1 file, 10 B is sent to a build. Choose what to ignore.");
    assert.equal(sent(3), "3 files, 10 B are sent to a build. Choose what to ignore.");
    const { totals, oneFile, others, oneOther } = layerWords();
    const words = {
      totals: formatMessage(totals),
      oneFile: formatMessage(oneFile),
      others: formatMessage(others),
      oneOther: formatMessage(oneOther),
    };
    assert.equal(totalsText(words, 1, 10), "1 file, 10 B");
    assert.equal(totalsText(words, 3, 10), "3 files, 10 B");
    assert.equal(othersText(words, 1), "1 other");
    assert.equal(othersText(words, 3), "3 others");
  });
});
