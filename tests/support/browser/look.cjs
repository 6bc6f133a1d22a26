// Copyright: (c) 2026, chatbot.ops contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Opens pages in Chromium as told by a JSON document on standard input, and tells on standard output what it saw:
// a list of {page, width, height, scheme, screenshot, full, open, press, count, audit}, answered in the same order.
"use strict";

const { readFileSync } = require("node:fs");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf-8");

async function look(browser, wanted) {
  const context = await browser.newContext({
    viewport: { width: wanted.width, height: wanted.height },
    colorScheme: wanted.scheme,
    reducedMotion: "reduce",
    deviceScaleFactor: wanted.scale || 1,
    offline: true,
  });
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error}`));
  page.on("requestfailed", (request) => said.push(`failed: ${request.url()}`));
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(wanted.page).href, { waitUntil: "load" });
  const found = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
    const timing = performance.getEntriesByType("navigation")[0];
    done({ loaded: timing.loadEventEnd, painted: performance.now(), overflow: document.documentElement.scrollWidth - innerWidth });
  }))));
  if (wanted.open) await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
  found.focused = [];
  for (const key of wanted.press || []) {
    await page.keyboard.press(key);
    found.focused.push(await page.evaluate((counted) => {
      const at = document.activeElement;
      const shown = [...document.querySelectorAll(counted || "nothing")].filter((each) => each.getClientRects().length);
      const outlined = getComputedStyle(at).outlineStyle !== "none";
      return { name: `${at.tagName.toLowerCase()} ${at.value || at.textContent.trim().slice(0, 40)}`, outlined, open: at.parentElement.open === true, shown: shown.length };
    }, wanted.count));
  }
  if (wanted.screenshot) await page.screenshot({ path: wanted.screenshot, fullPage: Boolean(wanted.full) });
  if (wanted.audit) {
    await page.evaluate(axe);
    const audit = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    found.violations = audit.violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 5).map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`);
    found.passes = audit.passes.length;
  }
  await context.close();
  return { ...found, said, requests: requests.length };
}

async function main() {
  const wanted = JSON.parse(readFileSync(0, "utf-8"));
  const browser = await chromium.launch({ executablePath: process.argv[2], args: ["--no-sandbox"] });
  const found = [];
  // Two at once: a page waits now and then, and the machines of CI have two processors.
  for (let first = 0; first < wanted.length; first += 2) {
    found.push(...(await Promise.all(wanted.slice(first, first + 2).map((each) => look(browser, each)))));
  }
  await browser.close();
  process.stdout.write(JSON.stringify(found));
}

main().catch((error) => { process.stderr.write(`${error.stack}\n`); process.exit(1); });
