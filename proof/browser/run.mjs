// Members in real browsers against a server that already runs:
//
//     node run.mjs --url http://127.0.0.1:3000 [--screenshots FOLDER] [--chromium PATH]
//
// Prints one line for each thing tried and ends with 1 if any failed. The server must let auctions be short
// (NEIGHBORBID_MINIMUM_DURATION=1s) and give demo deposits.

import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { brokenLines } from "./lines.mjs";
import { Gallery, navigation } from "./looking.mjs";
import { Member, bidding, closing } from "./market.mjs";

/** Chromium looks for its maker's hosts at every start; a test machine may have no way there. */
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    screenshots: { type: "string", default: "screenshots" },
    chromium: { type: "string", default: "/usr/bin/chromium" },
  },
});
if (!options.url) throw new Error("--url is missing: the address of a running server");
const url = options.url.replace(/\/$/, "");
/** What only members see sends a guest to the sign-in, which is looked at already. */
const MEMBERS_ONLY = /^\/(sell|wallet|notices|me|orders)(\/|$)/;
const count = { passed: 0, failed: 0 };

/**
 * @param {string} name
 * @param {() => Promise<void>} action
 * @returns {Promise<boolean>} whether it held
 */
async function attempt(name, action) {
  try {
    await action();
    count.passed += 1;
    console.log(`ok    ${name}`);
    return true;
  } catch (error) {
    count.failed += 1;
    console.log(`FAIL  ${name}\n${String(error?.stack ?? error).replace(/^/gm, "      | ")}`);
    return false;
  }
}

/** Each step rests on those before it: the first that fails ends the story. */
async function tell(steps) {
  for (const [name, action] of steps) {
    if (!(await attempt(name, action))) return false;
  }
  return true;
}

/** @param {import("playwright-core").Browser} browser */
async function meet(browser) {
  const member = async (name, settings = {}) => {
    const context = await browser.newContext({ locale: "ko-KR", timezoneId: "Asia/Seoul", ...settings });
    context.setDefaultTimeout(20_000);
    return new Member(name, context, await context.newPage(), url);
  };
  return {
    guest: await member("guest"),
    seller: await member("seller"),
    bidder: await member("bidder", { viewport: { width: 390, height: 844 } }),
    plain: await member("plain", { javaScriptEnabled: false }),
    cut: await member("cut"),
  };
}

/** Every page a person can reach, as a guest and as a member, while one auction still runs. */
async function lookAround(gallery, people, found) {
  const { guest, seller, bidder } = people;
  const name = (path) => path.slice(1).replace(/\W+/g, "-") || "home";
  const look = (member, path, more = {}) =>
    attempt(`${path} as ${member.name}`, () =>
      gallery.look(member.page, { who: member.name, name: name(path), address: url + path, ...more }));

  await guest.open("/");
  const searches = ["/?q=%EC%9D%98%EC%9E%90", "/?q=nothing-like-it"];
  const open = ["/", ...searches, found.auction, "/sign-up", "/sign-in", ...(await navigation(guest.page))];
  for (const path of new Set(open)) if (!MEMBERS_ONLY.test(path)) await look(guest, path);
  await look(guest, "/nowhere", { status: 404 });

  await bidder.open("/");
  const own = [found.auction, "/wallet", "/sell", ...(await navigation(bidder.page))];
  for (const path of new Set(own)) if (!/^\/sign-/.test(path)) await look(bidder, path);
  await look(seller, found.auction);
}

/** What only a closed auction shows: the winner's page, the order, the notices. */
async function lookBack(gallery, people, found) {
  const { bidder, seller } = people;
  const look = (member, name, path) =>
    attempt(`${path} as ${member.name}, closed`, () =>
      gallery.look(member.page, { who: member.name, name, address: url + path }));
  await bidder.open(found.auction);
  const order = await bidder.page.locator('main a[href^="/orders/"]').first().getAttribute("href");
  if (order) await look(bidder, "order", order);
  await look(bidder, "auction-won", found.auction);
  await look(bidder, "wallet-after", "/wallet");
  await look(seller, "auction-sold", found.auction);
  await look(seller, "notices-after", "/notices");
}

await mkdir(options.screenshots, { recursive: true });
const browser = await chromium.launch({ executablePath: options.chromium, args: FLAGS });
try {
  const people = await meet(browser);
  const gallery = new Gallery(options.screenshots);
  const found = {};
  if (await tell(bidding(people, found))) {
    await lookAround(gallery, people, found);
    await tell(brokenLines(people));
    if (await tell(closing(people, found))) await lookBack(gallery, people, found);
  }
  console.log(`looked: ${gallery.pages} pages, ${gallery.pictures} pictures in ${options.screenshots}`);
} finally {
  await browser.close();
}
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed === 0 ? 0 : 1;
