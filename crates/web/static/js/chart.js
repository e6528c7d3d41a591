// The price as a step chart, drawn exactly as src/pages/chart.rs draws it: one step a bid, into a box of 600 by 120.

import { money } from "./words.js";

const WIDTH = 600;
const HEIGHT = 120;
const MARGIN = 10;
const STEPS_MAX = 60;

/**
 * Adds a price to the chart and draws it again.
 * @param {HTMLElement} chart
 * @param {number} price
 */
export function addPrice(chart, price) {
  const prices = (chart.dataset.chart ?? "").split(" ").filter(Boolean).map(Number);
  prices.push(price);
  const shown = prices.slice(-STEPS_MAX);
  chart.dataset.chart = shown.join(" ");
  const low = Math.min(...shown);
  const span = Math.max(Math.max(...shown) - low, 1);
  let line = "";
  let last = HEIGHT;
  shown.forEach((one, place) => {
    const x = Math.floor((WIDTH * (place + 1)) / shown.length);
    last = HEIGHT - MARGIN - Math.floor(((one - low) * (HEIGHT - 2 * MARGIN)) / span);
    line += place === 0 ? `M0 ${last}H${x}` : `V${last}H${x}`;
  });
  chart.querySelector(".chart-line")?.setAttribute("d", line);
  chart.querySelector(".chart-area")?.setAttribute("d", `${line}V${HEIGHT}H0Z`);
  chart.querySelector(".chart-dot")?.setAttribute("d", `M${WIDTH} ${last}h0`);
  const newest = chart.querySelector("[data-chart-now]");
  if (newest) newest.textContent = money(price);
  chart.hidden = shown.length < 2;
}
