import assert from "node:assert/strict";
import { type Arrangement, arrange, filterMessage } from "../../client/views/arrange.ts";
import { type Node, saysOther } from "../../client/views/node.ts";
import { formatMessage, msg } from "../../engine/base/message.ts";

const node = (label: string, description = ""): Node => ({ id: label, label, description, kind: "x" });
const arrangement: Arrangement<Node> = {
  groups: [
    { id: "none", label: msg("nothing") },
    {
      id: "word",
      label: msg("word"),
      of: ({ description }) => (description ? { id: description, label: description, kind: "group.word" } : undefined),
    },
  ],
  sorts: [
    { id: "label", label: msg("name"), compare: (a, b) => a.label.localeCompare(b.label) },
    { id: "back", label: msg("name, backwards"), compare: (a, b) => b.label.localeCompare(a.label) },
  ],
};
const nodes = [node("web", "shop"), node("db", "shop"), node("lone")];
const labels = (group: string, sort: string, filter = "") =>
  arrange(nodes, arrangement, { group, sort, filter }).rows.map((row) =>
    row.children ? [row.label, ...row.children.map((child) => child.label)] : row.label,
  );

describe("client/views/arrange", () => {
  it("begins with the first grouping and the first order", () => {
    assert.deepEqual(labels("", ""), ["db", "lone", "web"]);
    assert.deepEqual(labels("gone", "gone"), ["db", "lone", "web"]);
  });

  it("puts rows into groups, and those without one behind", () => {
    assert.deepEqual(labels("word", "back"), [["shop", "web", "db"], "lone"]);
  });

  it("keeps rows that have every word somewhere, and says how many", () => {
    assert.deepEqual(labels("none", "label", "SHOP w"), ["web"]);
    assert.deepEqual(labels("none", "label", "nothing"), []);
    const arranged = arrange(nodes, arrangement, { group: "", sort: "", filter: "shop" });
    assert.equal(formatMessage(filterMessage(arranged, "shop") ?? msg("")), '2 of 3 with "shop"');
    assert.equal(filterMessage(arranged, " "), undefined);
  });

  it("sorts 5,000 rows into groups in one pass", () => {
    const many = Array.from({ length: 5000 }, (_, index) => node(`row ${index}`, `group ${index % 50}`));
    const { rows } = arrange(many, arrangement, { group: "word", sort: "label", filter: "" });
    assert.equal(rows.length, 50);
    assert.equal(rows[0]?.children?.length, 100);
  });
});

describe("rows that are looked at again", () => {
  it("are those that say something else, of those that were there", () => {
    const before = [node("web", "just now"), node("db", "2 h ago"), { ...node("old"), tooltip: "just now" }];
    const now = [
      node("web", "1 min ago"),
      node("db", "2 h ago"),
      { ...node("old"), tooltip: "1 min ago" },
      node("new"),
    ];
    assert.deepEqual(
      saysOther(before, now).map(({ label }) => label),
      ["web", "old"],
    );
  });
});
