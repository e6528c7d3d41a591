// What the market is for, from the first visit to the last word: a neighbour lists a thing with three pictures, another finds
// it, asks, watches it, is outbid, hears of it, and wins. Told on a phone and at a desk, and once without any script.

import assert from "node:assert/strict";
import { formWith, localMinute, send } from "./forms.mjs";
import { PATIENCE, storyEnd } from "./market.mjs";
import { until } from "./waiting.mjs";

/** @typedef {import("./market.mjs").Member} Member */

/** Pages are looked at meanwhile, so each step may take longer, in milliseconds. */
const BESIDE = 60_000;
const PICTURES = ["#c8553d", "#3d6fc8", "#3dc87a"];

/**
 * Three photographs, made by the browser itself.
 * @param {Member} member
 */
async function photographs(member) {
  const page = await member.context.newPage();
  await page.setViewportSize({ width: 640, height: 480 });
  const files = [];
  for (const [index, colour] of PICTURES.entries()) {
    await page.goto(`data:text/html,<body style="background:${encodeURIComponent(colour)}">`);
    files.push({ name: `${index}.png`, mimeType: "image/png", buffer: await page.screenshot() });
  }
  await page.close();
  return files;
}

/** The first neighbourhood that a form offers. @param {Member} member @param {string} field */
async function firstPlace(member, field) {
  const options = formWith(member.page, [field]).locator(`select[name="${field}"] option`);
  const values = await options.evaluateAll((found) => found.map((option) => option.value));
  return values.find((value) => value !== "") ?? "";
}

/** @param {Member} member */
async function signUpWithPlace(member) {
  const username = `${member.name}_${Date.now().toString(36)}`;
  await member.open("/sign-up");
  const region_id = await firstPlace(member, "region_id");
  await send(member.page, { username, password: `${username}-password`, nickname: username, region_id });
  await member.page.waitForURL((address) => address.pathname !== "/sign-up");
  const me = await member.ask("/me");
  assert.equal(String(me.region_id), region_id, "the neighbourhood is kept");
  Object.assign(member, { username, id: me.id, region: region_id });
}

/** @param {Member} member @param {boolean} hasScript */
async function addPictures(member, hasScript) {
  // The line breaks under the first file: that is said where its picture is, and it can be tried again.
  if (hasScript) await member.page.route("**/api/v1/pictures", (route) => route.abort(), { times: 1 });
  await member.page.locator('#photos').setInputFiles(await photographs(member));
  if (hasScript) {
    const failed = member.page.locator('[data-picture-item][data-state="failed"]');
    await failed.locator("[data-picture-told]").waitFor();
    await failed.locator("[data-picture-again]").click();
  }
  if (!hasScript) await member.page.locator('button[name="do"][value="add"]').click();
  const kept = member.page.locator('[data-picture-list] [data-picture-address]:not([value=""])');
  if (hasScript) {
    await member.page.waitForFunction((count) => {
      const fields = [...document.querySelectorAll("[data-picture-list] [data-picture-address]")];
      return fields.length === count && fields.every((field) => field.value !== "");
    }, PICTURES.length);
  } else {
    await kept.nth(PICTURES.length - 1).waitFor({ state: "attached" });
  }
  for (const index of PICTURES.keys()) {
    await member.page.locator("[data-picture-list] [data-picture-alt]").nth(index).fill(`사진 ${index + 1}`);
  }
}

/**
 * @param {{host: Member, finder: Member, other: Member}} people
 * @param {{auction?: string}} found
 * @param {{title: string, words: string, hasScript: boolean}} told `words` find the title
 * @returns {[string, () => Promise<void>][]}
 */
export function neighbours({ host, finder, other }, found, { title, words, hasScript }) {
  return [
    [`${title}: three neighbours sign up with their neighbourhood`, async () => {
      for (const member of [host, finder, other]) await signUpWithPlace(member);
      for (const member of [finder, other]) await member.deposit(100_000);
    }],
    [`${title}: a search for “${words}” is saved`, async () => {
      await other.open(`/?q=${encodeURIComponent(words)}`);
      await other.page.locator('form[action="/me/searches"] button').first().click();
      await other.page.waitForURL((address) => address.pathname === "/me/searches");
      await other.page.locator(".saved-name", { hasText: words }).waitFor();
    }],
    [`${title}: it is listed with three pictures`, async () => {
      await host.open("/sell");
      await addPictures(host, hasScript);
      const zone = (await host.page.locator("body").getAttribute("data-zone")) ?? "Asia/Seoul";
      await send(host.page, {
        title, description: `${title}. 직접 보고 가져가세요.`, start_price: "1000", bid_unit: "1000",
        region_id: host.region, ends_at: localMinute(storyEnd(BESIDE), zone), soft_close_minutes: "0",
      });
      await host.page.waitForURL(/\/auctions\/\d+/);
      found.auction = new URL(host.page.url()).pathname;
      const auction = await host.ask(found.auction);
      assert.deepEqual(auction.pictures.map((picture) => picture.alt), ["사진 1", "사진 2", "사진 3"]);
      await host.page.waitForFunction(() => {
        const shown = [...document.querySelectorAll("main picture img")];
        return shown.length >= 3 && shown[0].complete && shown[0].naturalWidth > 0;
      });
    }],
    [`${title}: another session finds it by “${words}”`, async () => {
      const card = finder.page.locator(`main a[href="${found.auction}"]`);
      await until(async () => {
        await finder.open(`/?q=${encodeURIComponent(words)}`);
        return (await card.count()) > 0;
      }, "the search finds it");
      await finder.open(found.auction);
    }],
    [`${title}: who saved the search is told, and finds it there`, async () => {
      const told = async () => (await other.ask("/notices")).items.find((notice) => notice.kind === "search_match");
      const notice = await until(told, "a notice of the search");
      assert.ok(notice.count >= 1 && found.auction, "it says how many are new");
      await other.open(`/me/searches/${notice.search_id}`);
      assert.equal(new URL(other.page.url()).searchParams.get("q"), words);
      await other.page.locator(`main a[href="${found.auction}"]`).first().waitFor();
    }],
    [`${title}: a question is asked and answered`, async () => {
      await finder.page.locator('form[action*="/questions"]').evaluate((form) => form.closest("details")?.setAttribute("open", ""));
      await finder.page.locator('form[action*="/questions"] textarea').fill("흠집이 있나요?");
      await finder.page.locator('form[action*="/questions"] button').last().click();
      await finder.page.locator(".questions .written", { hasText: "흠집이 있나요?" }).waitFor();
      await host.open(found.auction);
      const answer = host.page.locator('form[action*="/answer"]').first();
      await answer.evaluate((form) => form.closest("details")?.setAttribute("open", ""));
      await answer.locator("textarea").fill("전혀 없어요.");
      await answer.locator("button").last().click();
      await host.page.locator(".questions .reply", { hasText: "전혀 없어요." }).waitFor();
      await finder.open(found.auction);
      await finder.page.locator(".questions .reply", { hasText: "전혀 없어요." }).waitFor();
    }],
    [`${title}: it is watched`, async () => {
      await finder.page.locator("[data-heart] button").first().click();
      const watching = async () => (await finder.ask("/me/watching")).items.some((row) => found.auction?.endsWith(`/${row.id}`));
      await until(watching, "it stands on the watchlist");
    }],
    [`${title}: a bid is beaten, and its bidder is told`, async () => {
      await finder.open(found.auction);
      await finder.bid(2_000);
      await finder.expectState("leading");
      await other.open(found.auction);
      await other.bid(3_000);
      await other.expectState("leading");
      if (!hasScript) await finder.open(found.auction);
      await finder.expectState("outbid");
      const told = async () => (await finder.ask("/notices")).items.some((notice) => notice.kind === "outbid");
      await until(told, "a notice says that he was outbid");
    }],
    [`${title}: he bids again and wins`, async () => {
      await finder.bid(5_000);
      await finder.expectState("leading");
      await until(async () => (await finder.ask(found.auction ?? "")).status === "ended", "it ends", PATIENCE);
      await finder.open(found.auction);
      await finder.expectState("won");
      await finder.expectWallet({ available: 95_000, held: 0 });
    }],
  ];
}

/**
 * What is near, by the browser's own place: asked for when the button is pressed, said coarsely, and refused kindly.
 * @param {Member} member whose pages have scripts
 */
export async function lookNearby(member) {
  const { context, page } = member;
  const press = async () => {
    await member.open("/?sort=newest");
    await page.locator("[data-locate]:not([hidden])").waitFor({ state: "attached" });
    const button = page.locator("[data-locate-go]");
    if (!(await button.isVisible())) await page.locator("#filters").evaluate((form) => form.showPopover());
    await button.click();
  };
  await press();
  const denied = (await page.locator("[data-locate]").getAttribute("data-denied")) ?? "";
  await page.locator("[data-locate-say]", { hasText: denied }).waitFor();
  await context.grantPermissions(["geolocation"]);
  await context.setGeolocation({ latitude: 37.566535, longitude: 126.977969 });
  await press();
  await page.waitForURL((address) => address.searchParams.get("near") === "37.57,126.98");
  await context.clearPermissions();
}

/**
 * Bidding with nothing but the keyboard: every step by Tab and Enter from the top of the page.
 * @param {Member} member with money, on whom no auction counts
 * @param {string} auction
 */
export async function bidByKeyboard(member, auction) {
  await member.open(auction);
  const { page } = member;
  const reach = async (selector) => {
    for (let presses = 0; presses < 200; presses += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    }
    assert.fail(`${selector} is not reached by Tab`);
  };
  await reach('[data-bidbox] input[name="amount"], [data-bidform] input[name="amount"]');
  const hasRing = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement ?? document.body);
    const around = getComputedStyle(document.activeElement?.parentElement ?? document.body);
    return [style, around].some((one) => one.outlineStyle !== "none" || one.boxShadow !== "none");
  });
  assert.ok(hasRing, "where the keyboard is can be seen");
  await page.keyboard.press("Enter");
  await member.expectState("leading");
}
