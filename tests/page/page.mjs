// SPDX-License-Identifier: GPL-2.0-or-later
// The page of recamd in a real browser. usage: page.mjs URL PASSWORD FOLDER
// The folder RECAM_NPM holds playwright-core. Screenshots go to FOLDER. The first thing that is not
// as it should be ends it with 1.
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

const { chromium } = createRequire(`${process.env.RECAM_NPM}/`)('playwright-core');
const [url, password, folder] = process.argv.slice(2);
const steps = [];
const step = (name, act) => steps.push([name, act]);
const wrong = [];

const browser = await chromium.launch({
  executablePath: process.env.RECAM_CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--disable-gpu'],
});

async function open(options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 390, height: 780 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  page.on('pageerror', error => wrong.push(`script: ${error.message}`));
  page.on('console', message => {
    // What the server refuses on purpose, the browser logs as an error.
    if (message.type() === 'error' && !/status of (401|403|400|429)/.test(message.text())) wrong.push(`console: ${message.text()}`);
  });
  return page;
}

const picture = page => page.evaluate(() => {
  const video = document.getElementById('video');
  const quality = video.getVideoPlaybackQuality();
  return { time: video.currentTime, width: video.videoWidth, frames: quality.totalVideoFrames, corrupted: quality.corruptedVideoFrames };
});
const plays = (page, width) => page.waitForFunction(w => {
  const video = document.getElementById('video');
  return video.videoWidth === w && video.getVideoPlaybackQuality().totalVideoFrames > 10;
}, width);

const page = await open();
let bytes = 0;
page.on('response', async reply => {
  if (/\/(|app\.js|style\.css|icon\.svg)$/.test(new URL(reply.url()).pathname)) bytes += Number(reply.headers()['content-length'] || 0);
});

step('a new camera offers to set its password, and lets the printed one in', async () => {
  await page.goto(url);
  await page.waitForSelector('#setup:not([hidden])');
  await page.screenshot({ path: `${folder}/page-setup.png` });
  await page.fill('#setup [name=password]', 'one-password');
  await page.fill('#setup [name=again]', 'another-one');
  await page.click('#setup button.main');
  await page.waitForFunction(() => /differ/.test(document.querySelector('#setup .error').textContent));
  await page.click('#have-one');
  await page.fill('#login [name=password]', 'wrong-password');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /wrong/.test(document.querySelector('#login .error').textContent));
  await page.fill('#login [name=password]', password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#live:not([hidden])');
});

step('the live picture plays by Media Source, and tells how late it is', async () => {
  await plays(page, 320);
  const first = await picture(page);
  await page.waitForFunction(t => document.getElementById('video').currentTime > t + 1, first.time);
  assert.equal((await picture(page)).corrupted, 0);
  await page.waitForFunction(() => /^\d+ ms behind$/.test(document.getElementById('latency').textContent));
  await page.waitForFunction(() => document.getElementById('message').textContent === '');
  await page.screenshot({ path: `${folder}/page-live.png` });
});

step('the sub-stream is a smaller picture', async () => {
  await page.selectOption('#which', 'sub');
  await plays(page, 160);
});

step('a snapshot is a JPEG to keep', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#snapshot')]);
  assert.match(download.suggestedFilename(), /^20\d\d-.*\.jpeg$/);
});

step('by keyboard alone: to the settings, a change, and back', async () => {
  await page.focus('#tab-live');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('#settings:not([hidden]) input[name="video.bitrate"]');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'tab-settings');
  for (let i = 0; i < 30 && await page.evaluate(() => document.activeElement.name) !== 'video.bitrate'; i++)
    await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'video.bitrate');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('900');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.getElementById('settings-said').textContent === 'Saved.');
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${folder}/page-settings.png` });
  assert.equal(await page.inputValue('input[name="video.bitrate"]'), '900');
});

step('a wrong setting is named and not taken', async () => {
  await page.fill('input[name="video.sub_size"]', 'large');
  await page.click('#settings-form button.main');
  await page.waitForFunction(() => /sub_size = large: it is WIDTHxHEIGHT/.test(document.getElementById('settings-said').textContent));
  await page.fill('input[name="video.sub_size"]', '160x120');
});

step('users come and go', async () => {
  await page.click('#tab-users');
  await page.fill('#user-form [name=name]', 'nvr');
  await page.fill('#user-form [name=password]', 'not-a-secret');
  await page.selectOption('#user-form [name=role]', 'see');
  await page.click('#user-form button.main');
  await page.waitForSelector('#user-list li:has-text("nvr")');
  await page.click('[aria-label="Remove nvr"]');
  await page.waitForFunction(() => document.querySelectorAll('#user-list li').length === 1);
  await page.click('[aria-label="Remove admin"]');
  await page.waitForFunction(() => /is the last who may administer/.test(document.querySelector('#user-form .error').textContent));
});

step('about tells the addresses and the streams', async () => {
  await page.click('#tab-about');
  await page.waitForSelector('#addresses dd:has-text("/unicast")');
  await page.waitForSelector('#streams p:has-text("main: 320×240")');
  await page.click('#log-part summary');
  await page.waitForFunction(() => /a wrong password from/.test(document.getElementById('log').textContent));
  await page.screenshot({ path: `${folder}/page-about.png`, fullPage: true });
});

step('whoever may only see has no settings', async () => {
  const status = await page.evaluate(async () => {
    const csrf = (await (await fetch('api/v1/session')).json()).csrf;
    const reply = await fetch('api/v1/users/guest', { method: 'PUT', headers: { 'X-CSRF-Token': csrf }, body: JSON.stringify({ password: 'not-a-secret', role: 'see' }) });
    return reply.status;
  });
  assert.equal(status, 200);
  const other = await open({ colorScheme: 'dark' });
  await other.goto(url);
  await other.click('#have-one');
  await other.fill('#login [name=user]', 'guest');
  await other.fill('#login [name=password]', 'not-a-secret');
  await other.keyboard.press('Enter');
  await plays(other, 320);
  assert.equal(await other.isVisible('#tab-settings'), false);
  assert.equal(await other.evaluate(async () => (await fetch('api/v1/settings')).status), 403);
  await other.screenshot({ path: `${folder}/page-dark.png` });
  await other.context().close();
});

step('where Media Source is not, MJPEG stands in', async () => {
  const other = await open();
  await other.addInitScript(() => { delete window.MediaSource; delete window.ManagedMediaSource; });
  await other.goto(url);
  await other.click('#have-one');
  await other.fill('#login [name=user]', 'guest');
  await other.fill('#login [name=password]', 'not-a-secret');
  await other.keyboard.press('Enter');
  await other.waitForFunction(() => document.getElementById('mjpeg').naturalWidth === 320);
  await other.context().close();
});

step('another page can neither frame it nor change anything', async () => {
  const other = await open();
  await other.route('https://evil.example/', route => route.fulfill({ contentType: 'text/html', body: `<iframe src="${url}/"></iframe>` }));
  const before = wrong.length;
  await other.goto('https://evil.example/');
  const framed = await other.frames()[1]?.evaluate(() => document.getElementById('login') !== null).catch(() => false);
  assert.equal(framed, false);
  wrong.length = before; // the browser says that it refused
  await other.context().close();
});

step('logged out, the picture is gone', async () => {
  await page.click('#tab-about');
  await page.click('#logout');
  await page.waitForSelector('#login:not([hidden]), #setup:not([hidden])');
  // Not a picture itself: for that, without a cookie, the browser would ask by its own dialogue.
  assert.equal(await page.evaluate(async () => (await fetch('api/v1/status')).status), 401);
});

step('the page is light', async () => {
  assert.ok(bytes > 1000 && bytes < 150 * 1024, `${bytes} bytes`);
});

let failed = 0;
for (const [name, act] of steps) {
  try {
    await act();
    assert.deepEqual(wrong, []);
    console.log(`ok: ${name}`);
  } catch (error) {
    console.log(`FAILED: ${name}: ${error.message}`);
    await page.screenshot({ path: `${folder}/page-failed.png` }).catch(() => {});
    failed = 1;
    break;
  }
}
await browser.close();
process.exit(failed);
