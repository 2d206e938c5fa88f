import assert from 'node:assert/strict';
import { test } from 'node:test';
import { book, open, reader, shows, slot, url } from './club.mjs';
import { focusIsOn, hears, hold, holdEndsIn, only, venueCancels } from './customer.mjs';
import { court, dateAt, slotsOf } from './stage.mjs';

/** The nodes that assistive technology gets of what a selector names: [] when it is inert, hidden or not there. */
async function accessible(page, selector) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Accessibility.enable');
  const { result: { objectId } } = await cdp.send('Runtime.evaluate', { expression: `document.querySelector(${JSON.stringify(selector)})` });
  if (!objectId) return [];
  const { nodes } = await cdp.send('Accessibility.getPartialAXTree', { objectId, fetchRelatives: false });
  await cdp.detach();
  return nodes.filter((node) => !node.ignored).map((node) => ({
    role: node.role?.value,
    name: node.name?.value,
    description: node.description?.value,
    live: node.properties?.find((p) => p.name === 'live')?.value?.value,
    required: node.properties?.find((p) => p.name === 'required')?.value?.value,
  }));
}

const pageRegion = '[data-testid=announcer]';
const dialogRegion = '[data-testid=dialog-announcer]';

async function heldOn(venue, minutes = 10) {
  await court(venue, { service: { hold_minutes: minutes } });
  const page = await reader();
  await open(page, venue);
  const start = (await slotsOf(venue)).filter((s) => s.start.includes('T14:00'))[2].start;
  return { page, start };
}

test('while the form is open, what is said is said where it is heard', async () => {
  const { page, start } = await heldOn('heard');
  assert.equal((await accessible(page, pageRegion))[0]?.live, 'polite', 'the page’s region is heard without a dialog');
  assert.deepEqual(await accessible(page, dialogRegion), [], 'a closed dialog’s is not');
  await hold(page, start);
  assert.deepEqual(await accessible(page, pageRegion), [], 'the page’s region is inert behind the dialog');
  const [region] = await accessible(page, dialogRegion);
  assert.deepEqual([region?.role, region?.live], ['status', 'polite']);
  await hears(page, /held for you until \d+:\d\d/);
});

test('the dialog is described by the time and its limit, and the description does not tick', async () => {
  const { page, start } = await heldOn('described');
  await hold(page, start);
  const [dialog] = await accessible(page, '[data-testid=hold-panel]');
  assert.equal(dialog.role, 'dialog');
  assert.match(dialog.name, /yours for now/);
  assert.match(dialog.description, /One hour/);
  assert.match(dialog.description, /held for you until \d+:\d\d/);
  await page.getByTestId('hold-countdown').filter({ hasText: /^9:5[0-6]/ }).waitFor();
  assert.equal((await accessible(page, '[data-testid=hold-panel]'))[0].description, dialog.description);
});

test('the time left is announced when it matters, and more time is confirmed', async () => {
  const { page, start } = await heldOn('time-left');
  await holdEndsIn(page, 123);
  await page.reload(); // So that the live connection is the one that was told.
  await hold(page, start);
  await hears(page, /held for you until \d+:\d\d/);
  await hears(page, /^2 minutes left to finish this booking\. You can ask for more time/);
  await page.getByTestId('extend-hold').click();
  await hears(page, /You have 10 minutes now/);
  assert.deepEqual(page.faults, []);
});

test('the last seconds are announced, and a hold that is lost is told in the dialog', async () => {
  const { page, start } = await heldOn('last-seconds');
  await holdEndsIn(page, 13);
  await page.reload();
  await hold(page, start);
  await hears(page, /^10 seconds left/);
  await venueCancels('last-seconds', (await only('last-seconds', 'held')).id);
  await page.getByTestId('lost-message').waitFor();
  const [alert] = await accessible(page, '[data-testid=lost-message]');
  assert.equal(alert?.live, 'assertive');
  assert.deepEqual(page.faults, []);
});

/** All that the dialog has to say to those who read through it, seen or not. */
const dialogText = (page) => page.getByTestId('hold-panel').evaluate((dialog) => dialog.textContent.replace(/\s+/g, ' '));

for (const [how, end] of [
  ['the venue ended', async () => venueCancels('stale-words', (await only('stale-words', 'held')).id)],
  ['ran out', async () => {}],
]) {
  test(`of a hold that ${how}, no word is left that says how long it is held`, async () => {
    const { page, start } = await heldOn('stale-words');
    await holdEndsIn(page, 13);
    await page.reload();
    await hold(page, start);
    await hears(page, /^10 seconds left/);
    await end();
    await page.getByTestId('lost-message').waitFor();
    assert.doesNotMatch(await dialogText(page), /held for you|seconds left|minutes/);
    assert.deepEqual(page.faults, []);
  });
}

test('nothing that is said of the limit becomes untrue while it stands there', async () => {
  const { page, start } = await heldOn('true-words');
  await hold(page, start);
  await hears(page, /held for you until/);
  assert.doesNotMatch(await dialogText(page), /\d+ minutes/, 'a number of minutes is true for a minute');
  await page.getByTestId('dialog-announcer').filter({ hasText: /^$/ }).waitFor({ state: 'attached' });
  assert.deepEqual(page.faults, []);
});

test('a form that is sent too early says what is missing, wherever the focus was', async () => {
  const { page, start } = await heldOn('too-early');
  await hold(page, start);
  const field = async (name) => (await accessible(page, `#customer-${name}`))[0];
  await focusIsOn(page, 'field-name');
  await page.keyboard.press('Enter');
  await hears(page, /^2 things are missing: your name, and an email address or a phone number\.$/);
  await focusIsOn(page, 'field-name');
  assert.deepEqual([(await field('name')).required, (await field('email')).required], [true, true]);
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await hears(page, /^1 thing is missing: an email address or a phone number\.$/);
  await focusIsOn(page, 'field-email');
  await page.getByTestId('field-phone').fill('12');
  assert.equal((await field('email')).required, false, 'either of the two will do');
  await page.keyboard.press('Enter');
  await page.locator('#customer-phone-error').waitFor();
  await hears(page, await page.locator('#customer-phone-error').innerText()); // the same words
  assert.deepEqual(page.faults, []);
});

for (const [how, viewport, view, away] of [
  ['Esc', { width: 1280, height: 900 }, 'calendar', (page) => page.keyboard.press('Escape')],
  ['Back', { width: 390, height: 844 }, 'calendar', (page) => page.goBack()],
  ['Esc', { width: 1280, height: 900 }, 'list', (page) => page.keyboard.press('Escape')],
]) {
  test(`a hold that ${how} gave back is told where it was, to the eye too: ${view} at ${viewport.width}`, async () => {
    await court('given-back');
    const { start } = (await slotsOf('given-back')).find((s) => s.start.startsWith(dateAt('Europe/Berlin', 1)) && s.status !== 'full');
    const page = await reader({ viewport });
    await page.goto(`${url}/given-back?view=${view}&date=${start.slice(0, 10)}`);
    const notice = page.getByTestId('released-hold-notice');
    await slot(page, start).evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await hold(page, start);
    assert.equal(await notice.count(), 0);
    await page.getByTestId('field-name').fill('Ada');
    await away(page);
    await notice.filter({ hasText: /given back.*What you typed is kept/s }).waitFor();
    await focusIsOn(page, 'slot');
    const [told, of] = [await notice.boundingBox(), await slot(page, start).boundingBox()];
    assert.ok(told.y >= of.y && told.y - of.y < 150, `it stands at ${told.y}, and its time at ${of.y}`);
    assert.ok(told.y + told.height <= viewport.height, `it ends at ${told.y + told.height} of ${viewport.height}`);
    await page.keyboard.press('Escape');
    await notice.waitFor({ state: 'detached' });
    await focusIsOn(page, 'slot');
    await hold(page, start); // The next hold ends the word about the one before.
    await away(page);
    await notice.waitFor();
    await hold(page, start);
    await notice.waitFor({ state: 'detached' });
    await away(page);
    assert.deepEqual(page.faults, []);
  });
}

test('one’s own hold, and giving it back, is no news of somebody’s change', async () => {
  const { page, start } = await heldOn('own');
  const later = (await slotsOf('own')).filter((s) => s.start.includes('T22:00'))[3].start;
  const other = await reader();
  await open(other, 'own');
  const said = [];
  await page.exposeFunction('said', (text) => said.push(text));
  await page.evaluate((selector) => {
    const region = document.querySelector(selector);
    new MutationObserver(() => globalThis.said(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  }, pageRegion);
  await hold(page, start);
  await page.getByTestId('cancel-hold').click();
  await page.getByTestId('announcer').filter({ hasText: /given back/ }).waitFor({ state: 'attached' });
  await shows(other, start, 'available');
  await book('own', later); // Somebody's change is said, so what was not said before it was left out, not late.
  await page.getByTestId('announcer').filter({ hasText: /now full|changed/ }).waitFor({ state: 'attached' });
  assert.deepEqual(said.filter((text) => /now full|now available|changed/.test(text)).length, 1, said.join(' | '));
  assert.equal(said.filter((text) => /given back/.test(text)).length, 1);
});
