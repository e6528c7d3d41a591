// Members in real browsers against a server that already runs:
//
//     node run.mjs --url http://127.0.0.1:3000 --server PATH --data-dir FOLDER [--screenshots FOLDER] [--chromium PATH]
//
// Prints one line for each thing tried and ends with 1 if any failed. The server must let auctions be short
// (NEIGHBORBID_MINIMUM_DURATION=1s) and give demo deposits. Its program and its folder are needed to make an admin.

import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { DECISION, buying, deciding, disputing, listing, taking } from "./aftermath.mjs";
import { send } from "./forms.mjs";
import { hostile } from "./hostile.mjs";
import { brokenLines } from "./lines.mjs";
import { Gallery, expectClearOfTheBar, navigation } from "./looking.mjs";
import { Member, bidding, closing } from "./market.mjs";
import { bidByKeyboard, lookNearby, neighbours } from "./neighbour.mjs";
import { pushes } from "./pushes.mjs";
import { qualities } from "./quality.mjs";
import { offering, settling } from "./sale.mjs";
import { STEP_PATIENCE } from "./waiting.mjs";

/** Chromium looks for its maker's hosts at every start; a test machine may have no way there. */
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    server: { type: "string" },
    "data-dir": { type: "string" },
    screenshots: { type: "string", default: "screenshots" },
    chromium: { type: "string", default: "/usr/bin/chromium" },
  },
});
if (!options.url) throw new Error("--url is missing: the address of a running server");
if (!options.server || !options["data-dir"]) throw new Error("--server or --data-dir is missing: an admin is made with them");
const url = options.url.replace(/\/$/, "");
const house = { server: options.server, dataDir: options["data-dir"] };
const PHONE = { viewport: { width: 390, height: 844 } };
/** What only members see sends a guest to the sign-in, which is looked at already. */
const MEMBERS_ONLY = /^\/(sell|wallet|notices|me|orders|record|admin)(\/|$)/;
/** How often what was tried held, and what of it did not. */
const count = { passed: 0, failures: [] };

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
    const failure = `FAIL  ${name}\n${String(error?.stack ?? error).replace(/^/gm, "      | ")}`;
    count.failures.push(failure);
    console.log(failure);
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
    context.setDefaultTimeout(STEP_PATIENCE);
    return new Member(name, context, await context.newPage(), url);
  };
  return {
    guest: await member("guest"),
    seller: await member("seller"),
    bidder: await member("bidder", PHONE),
    plain: await member("plain", { javaScriptEnabled: false }),
    cut: await member("cut"),
    vendor: await member("vendor", PHONE),
    winner: await member("winner", { ...PHONE, hasTouch: true }),
    rival: await member("rival", { locale: "en-US" }),
    admin: await member("admin", { locale: "en-US" }),
    villain: await member("villain"),
    victim: await member("victim", PHONE),
    stranger: await member("stranger"),
    ...(await neighbourhood(member)),
  };
}

/** Three neighbours each: on a phone in Korean, at a dark desk in English, and without any script. */
async function neighbourhood(member) {
  const ways = { phone: PHONE, desk: { locale: "en-US", colorScheme: "dark" }, bare: { ...PHONE, javaScriptEnabled: false } };
  const people = {};
  for (const [way, settings] of Object.entries(ways)) {
    people[way] = { host: null, finder: null, other: null };
    for (const part of Object.keys(people[way])) people[way][part] = await member(`${part[0]}_${way}`, settings);
  }
  return people;
}

/**
 * The three stories wait for the same minutes, so they are told at once, and pages are looked at meanwhile.
 * @returns what they found
 */
async function tellOfNeighbours({ phone, desk, bare }) {
  const found = { phone: {}, desk: {}, bare: {} };
  await Promise.all([
    tell(neighbours(phone, found.phone, { title: "원목 책장 Bookshelf", words: "책장", hasScript: true })),
    tell(neighbours(desk, found.desk, { title: "필름 카메라 Film camera", words: "camera", hasScript: true })),
    tell(neighbours(bare, found.bare, { title: "접이식 자전거 Folding bicycle", words: "자전거", hasScript: false })),
  ]);
  return found;
}

/** What the neighbours' stories left behind. */
async function lookAtNeighbours(gallery, { phone, desk, guest }, found) {
  await attempt("a bid is placed with nothing but the keyboard", async () => {
    await bidByKeyboard(phone.finder, await desk.host.list("건반 Keyboard"));
  });
  await attempt("what is near is found by the browser's own place, if its owner allows it", async () => {
    await lookNearby(phone.other);
  });
  await look(gallery, phone.other, "me-searches", "/me/searches");
  await look(gallery, guest, "auction-pictures", found.phone.auction ?? "/");
  await look(gallery, phone.host, "auction-asked", found.phone.auction ?? "/");
  await look(gallery, guest, "member-seller", `/members/${phone.host.id}`);
  for (const path of ["/me/notices", "/me/leave", "/me/sales"]) {
    await look(gallery, phone.host, path.slice(1).replace(/\W+/g, "-"), path);
  }
  await look(gallery, guest, "regions", "/regions");
  // By a member, who may save it: nothing else has so many tools in one line.
  await look(gallery, phone.other, "near", "/?near=37.56,126.91&radius=5&pictured=true");
  await look(gallery, guest, "design", "/design");
  await tell(qualities(guest, found.phone));
  await tell(pushes(guest, phone.host));
}

/**
 * Looks at an address as the member sees it, on a page of its own: his own stays where it is, in the language it has.
 * @param {Gallery} gallery
 * @param {Member} member
 * @param {string} name
 * @param {string} path
 * @param {{status?: number, prepare?: (page: import("playwright-core").Page) => Promise<void>}} [more]
 */
function look(gallery, member, name, path, more = {}) {
  return attempt(`${path} as ${member.name}, ${name}`, async () => {
    const page = await member.context.newPage();
    await gallery.look(page, { who: member.name, name, address: url + path, ...more });
    await page.close();
    await member.context.clearCookies({ name: "lang" });
  });
}

/** Every page a person can reach, as a guest and as a member, while one auction still runs. */
async function lookAround(gallery, people, found) {
  const { guest, seller, bidder } = people;
  const name = (path) => path.slice(1).replace(/\W+/g, "-") || "home";
  await Promise.all([lookAsGuest(gallery, guest, found, name), lookAsMember(gallery, bidder, found, name)]);
  await look(gallery, seller, name(found.auction), found.auction);
}

async function lookAsGuest(gallery, guest, found, name) {
  await guest.open("/");
  const searches = ["/?q=%EC%9D%98%EC%9E%90", "/?q=nothing-like-it"];
  const open = ["/", ...searches, found.auction, "/sign-up", "/sign-in", ...(await navigation(guest.page))];
  for (const path of new Set(open)) if (!MEMBERS_ONLY.test(path)) await look(gallery, guest, name(path), path);
  await look(gallery, guest, "nowhere", "/nowhere", { status: 404 });
}

async function lookAsMember(gallery, bidder, found, name) {
  await bidder.open("/");
  const own = [found.auction, "/wallet", "/sell", "/record", ...(await navigation(bidder.page))];
  for (const path of new Set(own)) if (!/^\/sign-/.test(path)) await look(gallery, bidder, name(path), path);
}

/** What only a closed auction shows: the winner's page, the order, the notices. */
async function lookBack(gallery, people, found) {
  const { bidder, seller } = people;
  await bidder.open(found.auction);
  const order = await bidder.page.locator('main a[href^="/orders/"]').first().getAttribute("href");
  await look(gallery, bidder, "order-start", order ?? "/orders/none");
  await look(gallery, seller, "order-start", order ?? "/orders/none");
  await look(gallery, bidder, "auction-won", found.auction);
  await look(gallery, bidder, "wallet-after", "/wallet");
  await look(gallery, seller, "auction-sold", found.auction);
  await look(gallery, seller, "notices-after", "/notices");
}

/** Two maximums against each other: the form with a reserve, and the auction as each of them sees it. */
async function lookAtMaximums(gallery, { vendor, winner, rival }, sale) {
  const unfold = (selector) => (page) =>
    page.locator(selector).evaluateAll((parts) => parts.forEach((part) => part.setAttribute("open", "")));
  await look(gallery, winner, "auction-leading", sale.auction, { prepare: unfold("details.more") });
  await look(gallery, rival, "auction-outbid", sale.auction, { prepare: unfold("[data-maximum-part]") });
  await attempt("the bid bar with the maximum unfolded covers neither where one stands nor the end of the page", async () => {
    const page = await rival.context.newPage();
    await page.goto(url + sale.auction);
    await expectClearOfTheBar(page);
    await page.close();
  });
  await look(gallery, vendor, "auction-own", sale.auction);
  await look(gallery, vendor, "edit-notes", `${sale.auction}/edit`);
  // Not by whoever lists again later: the form would keep this as his draft.
  await look(gallery, winner, "sell-reserve", "/sell", {
    prepare: async (page) => {
      await unfold("form[data-sell] details.more")(page);
      for (const [name, value] of [["title", "자전거 A city bicycle"], ["reserve_price", "30,000"]]) {
        await page.locator(`[name="${name}"]`).evaluate((field, text) => {
          field.value = text;
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }, value);
      }
    },
  });
}

/** A sale that is done: the order of both, the money, and what they say of each other. */
async function lookAtDone(gallery, { guest, vendor, winner }, sale) {
  await look(gallery, winner, "order-done", sale.order);
  await look(gallery, vendor, "order-done", sale.order);
  await look(gallery, vendor, "orders", "/orders");
  await look(gallery, vendor, "wallet-paid", "/wallet");
  await look(gallery, guest, "member-reviewed", `/members/${vendor.id}`);
}

/** The sale that falls through, as far as it is a story of its own, with a look at each turn. */
async function fallThrough(gallery, people) {
  const { vendor, winner, rival, admin } = people;
  const lamp = {};
  if (!(await tell(listing({ ...people, seller: vendor }, lamp)))) return;
  await look(gallery, vendor, "edit", `${lamp.auction}/edit`);
  if (!(await tell(buying(people, lamp)))) return;
  await look(gallery, vendor, "auction-bought", lamp.auction);
  if (!(await tell(disputing(people, lamp, house)))) return;
  await look(gallery, winner, "order-disputed", lamp.order);
  await look(gallery, admin, "order-disputed", lamp.order);
  await look(gallery, admin, "order-deciding", lamp.order, { prepare: (page) => send(page, DECISION) });
  await look(gallery, admin, "admin", "/admin");
  await look(gallery, admin, "admin-member", `/admin/members/${rival.id}`);
  if (!(await tell(deciding({ ...people, seller: vendor }, lamp)))) return;
  await look(gallery, vendor, "order-offered", lamp.order);
  await look(gallery, rival, "offer", `${lamp.auction}/offer`);
  await look(gallery, admin, "admin-acts", "/admin/acts");
  await tell(taking(people, lamp));
}

await mkdir(options.screenshots, { recursive: true });
const browser = await chromium.launch({ executablePath: options.chromium, args: FLAGS });
try {
  const people = await meet(browser);
  const buyers = { ...people, seller: people.vendor };
  const gallery = new Gallery(options.screenshots);
  const [found, sale] = [{}, {}];
  const isBidOn = await tell(bidding(people, found));
  const isOffered = await tell(offering(buyers, sale));
  const met = tellOfNeighbours(people);
  if (isOffered) await lookAtMaximums(gallery, people, sale);
  if (isBidOn) {
    await lookAround(gallery, people, found);
    await tell(brokenLines(people));
    if (await tell(closing(people, found))) await lookBack(gallery, people, found);
  }
  if (isOffered && (await tell(settling(buyers, sale)))) {
    await lookAtDone(gallery, people, sale);
    await fallThrough(gallery, people);
  }
  await lookAtNeighbours(gallery, people, await met);
  if (await tell(hostile(people))) {
    for (const path of ["/admin/questions", "/admin/deliveries"]) {
      await look(gallery, people.admin, path.slice(1).replace(/\W+/g, "-"), path);
    }
  }
  console.log(`looked: ${gallery.pages} pages, ${gallery.pictures} pictures in ${options.screenshots}`);
} finally {
  await browser.close();
}
// Once more at the end, where whoever reads only that finds them.
for (const failure of count.failures) console.log(failure);
console.log(`${count.passed} passed, ${count.failures.length} failed`);
process.exitCode = count.failures.length === 0 ? 0 : 1;
