import assert from 'node:assert/strict';
import { test } from 'node:test';
import { book, open, reader, shows, slot, url } from './club.mjs';
import { optionalComponents, throwIn } from './broken.mjs';
import { court, slotsOf } from './stage.mjs';

// How to get to see a part that does not stand on the calendar from the start.
const home = async (page) => {
  await page.goto(url);
  await page.getByText('Venue parts').first().waitFor();
};
const hover = async (page, free) => { await slot(page, free.start).hover(); };
const ways = {
  VenueCard: home,
  VenueOffers: home,
  SlotTooltip: hover,
  FullSlotNotice: async (page, _, full) => { await slot(page, full.start).click(); },
  ReleasedHoldNotice: async (page, free) => {
    await slot(page, free.start).click();
    await page.getByTestId('hold-countdown').waitFor();
    await page.keyboard.press('Escape');
  },
  StaleBanner: async (page) => { await page.context().setOffline(true); },
  NothingFree: async (page) => {
    await court('parts-shut', { resource: { hours: {} } });
    await page.goto(`${url}/parts-shut`);
    await page.getByTestId('next-week').waitFor();
  },
};

for (const component of optionalComponents(['calendar', 'pages/Venue', 'ui'])) {
  test(`the page goes on without its ${component}`, async () => {
    await court('parts');
    const [full, free] = (await slotsOf('parts')).filter((s) => s.start.includes('T12:00')).slice(1);
    if (full.status !== 'full') await book('parts', full.start);
    const page = await reader();
    await throwIn(page, component);
    await open(page, 'parts').catch((error) => { if (component !== 'LiveBadge') throw error; });
    await slot(page, free.start).waitFor();
    await ways[component]?.(page, free, full);
    for (let i = 0; i < 1200 && page.survived.length === 0; i++) await page.waitForTimeout(50);
    assert.match(page.survived[0] ?? '', new RegExp(component), `${component} was never drawn: say above how to see it`);
    assert.deepEqual(page.faults, []);

    // What the page is for still works: a time can be chosen.
    if (component === 'StaleBanner') await page.context().setOffline(false);
    await page.goto(`${url}/parts`);
    await slot(page, free.start).click();
    await page.getByTestId('hold-countdown').waitFor();
    await page.getByTestId('cancel-hold').click();
    await shows(page, free.start, 'available'); // it is given back before the page is closed: the next part needs the slot
    assert.deepEqual(page.faults, []);
  });
}

test('negative control: without a part that it needs, the page says that it went wrong', async () => {
  await court('parts');
  const page = await reader();
  await throwIn(page, 'WeekGrid');
  await page.goto(`${url}/parts`);
  await page.getByTestId('error-page').waitFor();
});
