// Strangers who write programs into every text that others are shown: nothing of it may run, and no policy may have had to stop it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { until } from "./waiting.mjs";

/** @typedef {import("./market.mjs").Member} Member */

/** What would run, in every place a text can stand: between tags, in attributes, in addresses, in scripts, in templates. */
const CALLS = ["ran(1)", "top.ran(1)", "self['r'+'an'](1)", "ran`1`"];
const SHAPES = [
  (call) => `<script>${call}</script>`,
  (call) => `</title><script>${call}</script>`,
  (call) => `</textarea><script>${call}</script>`,
  (call) => `--><script>${call}</script><!--`,
  (call) => `<img src=x onerror=${call}>`,
  (call) => `<img src=x onerror="${call}">`,
  (call) => `"><img src=x onerror=${call}>`,
  (call) => `'><img src=x onerror=${call}>`,
  (call) => `<svg onload=${call}>`,
  (call) => `<svg><script>${call}</script></svg>`,
  (call) => `<body onload=${call}>`,
  (call) => `<details open ontoggle=${call}>x</details>`,
  (call) => `" autofocus onfocus="${call}" x="`,
  (call) => `' autofocus onfocus='${call}' x='`,
  (call) => `<input autofocus onfocus=${call}>`,
  (call) => `<a href="javascript:${call}">x</a>`,
  (call) => `javascript:${call}`,
  (call) => `<iframe srcdoc="<script>${call}</script>">`,
  (call) => `<math><mi xlink:href="javascript:${call}">x</mi></math>`,
  (call) => `<video><source onerror=${call}></video>`,
  (call) => `";${call};//`,
  (call) => `';${call};//`,
  (call) => `\${${call}}`,
  (call) => `{{constructor.constructor('${call}')()}}`,
  (call) => `<style>@import'//x';</style><b style="x:expression(${call})">`,
];
/** A hundred of them. */
export const PAYLOADS = CALLS.flatMap((call) => SHAPES.map((shape) => shape(call)));
/** Names that look like somebody else's, or turn what stands beside them. */
const NAMES = ["\u202Edlog", "go\u200Bld", "\u2066gold\u2069", "go\u00ADld", "\uFEFFgold", "gold\u2028x"];
/** How many of them stand in one question: it may be a thousand characters long. */
const TOGETHER = 10;
/** How many are brought by live frames. */
const LIVE = 5;

/**
 * Whatever runs on this member's pages, or was only stopped by the policy, is written down.
 * @param {Member} member
 * @returns {Promise<string[]>} what was seen, growing
 */
async function listen(member) {
  const seen = [];
  const { context } = member;
  await context.exposeBinding("ran", ({ page }) => void seen.push(`ran on ${page.url()}`));
  await context.exposeBinding("stopped", ({ page }, what) => void seen.push(`stopped on ${page.url()}: ${what}`));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => globalThis.stopped(`${event.violatedDirective} ${event.sample}`));
  });
  context.on("dialog", (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return seen;
}

/**
 * @param {Member} member
 * @param {string} path
 * @param {object} data
 */
async function post(member, path, data) {
  const headers = { "Idempotency-Key": randomUUID(), Origin: member.url };
  const answer = await member.context.request.post(`${member.url}/api/v1${path}`, { data, headers });
  assert.ok(answer.ok(), `${path} answers ${answer.status()}: ${await answer.text()}`);
  return answer.status() === 204 ? {} : answer.json();
}

/** @param {Member} member @param {string} text */
async function list(member, text) {
  const ends = new Date(Date.now() + 24 * 3_600_000).toISOString();
  const listing = { title: text, description: text, start_price: 1000, bid_unit: 1000, ends_at: ends };
  return (await post(member, "/auctions", listing)).id;
}

/**
 * @param {{villain: Member, victim: Member, stranger: Member, admin: Member}} people
 * @returns {[string, () => Promise<void>][]}
 */
export function hostile({ villain, victim, stranger, admin }) {
  const auctions = [];
  let seen = [];
  return [
    ["names that turn or hide are refused", async () => {
      for (const nickname of NAMES) {
        const username = `x${randomUUID().slice(0, 8)}`;
        const data = { username, password: `${username}-password`, nickname };
        const answer = await villain.context.request.post(`${villain.url}/api/v1/members`, { data });
        assert.equal(answer.status(), 422, `${JSON.stringify(nickname)} is refused`);
      }
    }],
    [`${PAYLOADS.length} texts that are programs are listed, asked and answered`, async () => {
      assert.equal(new Set(PAYLOADS).size, 100);
      for (const member of [villain, victim, stranger]) await member.signUp();
      await victim.deposit(100_000);
      await stranger.deposit(100_000);
      for (const payload of PAYLOADS) auctions.push(await list(villain, payload));
      for (let from = 0; from < PAYLOADS.length; from += TOGETHER) {
        const text = PAYLOADS.slice(from, from + TOGETHER).join("\n");
        const { question } = await post(stranger, `/auctions/${auctions[from]}/questions`, { text });
        await post(villain, `/questions/${question.id}/answer`, { text });
        await post(victim, `/questions/${question.id}/report`, { reason: text.slice(0, 400) });
      }
    }],
    ["none of it runs on the lists that show it", async () => {
      seen = await listen(victim);
      await victim.open("/");
      await victim.page.evaluate("ran(1)");
      assert.equal(seen.splice(0).length, 1, "what runs is heard of");
      const words = ["script", "onerror", "javascript", PAYLOADS[12], PAYLOADS[6]];
      for (const text of words) await victim.open(`/?q=${encodeURIComponent(text)}`);
      await victim.open(`/members/${villain.id}`);
      assert.deepEqual(seen, []);
    }],
    ["none of it runs on the auctions' own pages", async () => {
      for (const auction of auctions) await victim.open(`/auctions/${auction}`);
      assert.deepEqual(seen, []);
    }],
    ["none of it runs when live frames bring it", async () => {
      for (const auction of auctions.slice(0, LIVE)) await post(victim, `/auctions/${auction}/bids`, { amount: 1000 });
      await victim.open("/me/auctions");
      const before = await victim.ask("/notices");
      for (const auction of auctions.slice(0, LIVE)) await post(stranger, `/auctions/${auction}/bids`, { amount: 2000 });
      await until(async () => (await victim.ask("/notices")).unread - before.unread >= LIVE, "the victim is told");
      await victim.page.waitForFunction((least) => {
        const unread = document.querySelector("[data-unread].unread");
        return Number.parseInt(unread?.textContent ?? "0", 10) >= least;
      }, LIVE);
      await victim.open("/notices");
      assert.deepEqual(seen, []);
    }],
    ["nor on the desk of an admin", async () => {
      const ran = await listen(admin);
      await admin.open("/admin/questions");
      assert.deepEqual(ran, []);
    }],
  ];
}
