// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { periodsBetween } from '../domain/dates';
import Chart from './Chart.svelte';

const SIZE = { width: 320, height: 208 };

// What a browser knows of its layout and jsdom does not.
beforeAll(async () => {
  globalThis.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} };
  // All is in sight.
  globalThis.IntersectionObserver = class {
    constructor(private readonly tell: IntersectionObserverCallback) {}
    observe(target: Element) { this.tell([{ isIntersecting: true, target } as unknown as IntersectionObserverEntry], this as unknown as IntersectionObserver); }
    disconnect() {}
  } as unknown as typeof IntersectionObserver;
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { get: () => SIZE.width });
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => SIZE.height });
  await import('./Plot.svelte');
});

afterEach(cleanup);

const point = (period: string, value: number) => ({ period, value, text: `${value} m³` });

async function shown(points: ReturnType<typeof point>[], more: { from?: string; to?: string } = {}) {
  const { container } = render(Chart, { label: 'Cold water', points, axis: String, unit: 'm³', ...more });
  const slider = await screen.findByRole<HTMLInputElement>('slider', { name: 'Cold water' });
  // The drawing is made in several tasks, the names of months last.
  await waitFor(() => expect(container.querySelector('text.month')).not.toBeNull());
  const bars = () => [...container.querySelectorAll('rect.bar')].map((bar) => ({
    x: Number(bar.getAttribute('x')), top: Number(bar.getAttribute('y')), bottom: Number(bar.getAttribute('y')) + Number(bar.getAttribute('height')),
    newest: bar.classList.contains('newest'),
  }));
  return { container, slider, bars, zero: () => Number(container.querySelector('line.zero')?.getAttribute('y1')) };
}

describe('a chart of months', () => {
  test('marks the newest month and reads it first', async () => {
    const { slider, bars } = await shown([point('2026-10', 4), point('2026-08', 2), point('2026-09', 3)]);

    expect(bars().map((bar) => bar.newest)).toEqual([false, false, true]);
    expect(slider.getAttribute('aria-valuetext')).toBe('октябрь 2026: 4 m³');
  });

  test('reads another month when the range moves, and takes no month away', async () => {
    const { slider, container } = await shown([point('2026-08', 2), point('2026-09', 3), point('2026-10', 4)]);

    await fireEvent.input(slider, { target: { value: '0' } });

    expect(slider.getAttribute('aria-valuetext')).toBe('август 2026: 2 m³');
    expect(container.querySelector('.read strong')?.textContent).toBe('2 m³');
  });

  test('leaves a gap where a month is missing, and says so', async () => {
    const { slider, bars } = await shown([point('2026-07', 5), point('2026-10', 4)]);

    expect(bars()).toHaveLength(2);
    expect(slider.max).toBe('3');
    await fireEvent.input(slider, { target: { value: '1' } });
    expect(slider.getAttribute('aria-valuetext')).toBe('август 2026: нет данных');
  });

  test('draws a negative value below the line of zero and a zero as a line', async () => {
    const { bars, zero } = await shown([point('2026-08', 6), point('2026-09', -3), point('2026-10', 0)]);
    const [up, down, none] = bars();

    expect(up?.bottom).toBeCloseTo(zero());
    expect(down?.top).toBeCloseTo(zero());
    expect(down && down.bottom - down.top).toBeGreaterThan(10);
    expect(none && none.bottom - none.top).toBe(2);
  });

  test('names no more of 24 months than a small screen has room for', async () => {
    const months = periodsBetween('2024-11', '2026-10');
    const { container } = await shown(months.map((month, n) => point(month, 1000 + n)));
    const places = [...container.querySelectorAll('text.month')].map((text) => Number(text.getAttribute('x')));
    const apart = [...new Set(places)].sort((a, b) => a - b);

    expect(apart.length).toBeGreaterThan(2);
    for (const [n, x] of apart.slice(1).entries()) expect(x - (apart[n] ?? 0)).toBeGreaterThanOrEqual(36);
    expect(container.textContent).toContain('2025');
  });

  test('has the same figures as a table, newest first, over the months asked for', async () => {
    await shown([point('2026-09', 3), point('2026-10', 4)], { from: '2026-08', to: '2026-10' });
    expect(screen.queryByRole('table')).toBeNull();
    await fireEvent.click(screen.getByText('Те же цифры таблицей'));
    const rows = within(await screen.findByRole('table', { hidden: true })).getAllByRole('row', { hidden: true });

    expect(rows.slice(1).map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([['октябрь 2026', '4 m³'], ['сентябрь 2026', '3 m³'], ['август 2026', 'нет данных']]);
  });

  test('says that there is nothing to show', () => {
    const { container } = render(Chart, { label: 'Cold water', points: [], axis: String });

    expect(container.textContent?.trim()).toBe('нет данных');
  });
});
