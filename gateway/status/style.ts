/** The status page's style: light or dark as its reader has it, no font and no picture from elsewhere. */
export const STYLE = `
:root {
  --ground: #f6f7f9; --card: #fff; --line: #dfe3e8; --text: #1b2430; --quiet: #5b6675;
  --good: #116b3b; --good-tint: #dcf3e5; --warn: #7a4b00; --warn-tint: #fdeecb; --bad: #a61b1b; --bad-tint: #fde3e1;
  --accent: #2f6fdb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11151b; --card: #1a2029; --line: #2d3641; --text: #e6eaf0; --quiet: #98a4b3;
    --good: #6fdc9c; --good-tint: #143524; --warn: #f3c566; --warn-tint: #3a2d10; --bad: #ff9a92; --bad-tint: #45191a;
    --accent: #6ea4ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1, h2, p, figure { margin: 0; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .4rem 1rem; margin-bottom: 1.25rem; }
header .quiet { margin-left: auto; }
h1 { font-size: 1.6rem; letter-spacing: -.01em; }
.quiet { color: var(--quiet); font-size: .85rem; }
.pill { padding: .1rem .7rem; border-radius: 1rem; font-weight: 600; }
.pill.ok { background: var(--good-tint); color: var(--good); }
.pill.degraded, .pill.draining { background: var(--warn-tint); color: var(--warn); }
.pill.down { background: var(--bad-tint); color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: .75rem; margin-bottom: 1.5rem; }
.tile, figure, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.tile { padding: .7rem .9rem; min-width: 0; overflow-wrap: anywhere; }
.tile h2, figcaption { font-size: .8rem; font-weight: 600; color: var(--quiet); }
.figure { font-size: 1.7rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile.bad .figure { color: var(--bad); }
figure { grid-column: 1 / -1; padding: .7rem .9rem .9rem; }
.chart { display: block; width: 100%; height: 4.5rem; margin-top: .4rem; }
.chart .calls, .bar rect { fill: var(--accent); }
.chart .failed { fill: var(--bad); }
.chart line { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
section { margin-bottom: 1.5rem; }
section > h2, caption { font-size: 1.05rem; font-weight: 650; text-align: left; }
caption { padding: .7rem .9rem .3rem; }
caption .quiet { margin-left: .5rem; font-weight: 400; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .9rem; text-align: left; vertical-align: baseline; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; color: var(--quiet); font-size: .8rem; font-weight: 600; }
tbody th { font-weight: 600; }
.number { text-align: right; }
#servers td:nth-child(n+3):nth-child(-n+8), #slowest-tools td:nth-child(n+3):nth-child(-n+5) { text-align: right; }
.text { white-space: normal; min-width: 14rem; }
.wide { width: 30%; }
.bar { display: block; width: 100%; height: .5rem; }
.state { font-weight: 600; color: var(--good); }
.flawed .state, .trying .state { color: var(--warn); }
.down .state, .open .state { color: var(--bad); }
tr.down, tr.open { background: var(--bad-tint); }
code { font: .85em ui-monospace, monospace; }
#lost { padding: .6rem 1.25rem; background: var(--bad-tint); color: var(--bad); font-weight: 600; text-align: center; }
@media (max-width: 50rem) { .tiles { grid-template-columns: repeat(2, 1fr); } }
`;
