import { type Html, html } from "./html.ts";

const HEIGHT = 64;
const BAR = 10;
const SECONDS = 5;

/** The calls of the last minutes as bars of a few seconds each, those that went wrong in another colour on top. */
export function callsChart({ all, failed }: { all: readonly number[]; failed: readonly number[] }): Html {
  const bars = chunks(all, SECONDS).map((calls, index) => ({
    calls,
    failed: chunks(failed, SECONDS)[index] ?? 0,
  }));
  const most = Math.max(1, ...bars.map(({ calls }) => calls));
  const scaled = (value: number) => Math.round((value / most) * HEIGHT * 10) / 10;
  const total = all.reduce((sum, each) => sum + each, 0);
  const wrong = failed.reduce((sum, each) => sum + each, 0);
  const label = `Calls in the last five minutes: ${total}, of which ${wrong} failed`;
  const width = bars.length * BAR;
  return html`<svg class="chart" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
${bars.map(({ calls, failed }, index) => {
  const [height, bad] = [scaled(calls), scaled(failed)];
  const x = index * BAR + 1;
  return html`<rect class="calls" x="${x}" y="${HEIGHT - height}" width="${BAR - 2}" height="${height - bad}"/><rect class="failed" x="${x}" y="${HEIGHT - bad}" width="${BAR - 2}" height="${bad}"/>`;
})}<line x1="0" x2="${width}" y1="${HEIGHT}" y2="${HEIGHT}"/></svg>`;
}

/** Sums of so many numbers each; what is too few stands at the front. */
function chunks(numbers: readonly number[], size: number): number[] {
  const sums: number[] = [];
  for (let end = numbers.length; end > 0; end -= size) {
    sums.unshift(numbers.slice(Math.max(0, end - size), end).reduce((sum, each) => sum + each, 0));
  }
  return sums;
}
