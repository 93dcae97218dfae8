/** One query of a panel, and how its lines are called. */
export interface Query {
  expr: string;
  /** With labels as Grafana writes them: `{{server}}`. */
  legend: string;
}

/** A panel as far as this framework's dashboards differ; the rest is the same for all of one kind. */
export interface Panel {
  kind: "timeseries" | "stat" | "bargauge";
  title: string;
  /** What to read from it, for who has never seen it. */
  description: string;
  /** Grafana's name of the unit, such as `s`, `reqps` or `percentunit`. */
  unit: string;
  queries: Query[];
  /** In Grafana's columns, of which a row has 24. */
  width: number;
  /** From where on it is a fault, and in which direction. */
  limit?: { at: number; bad: "above" | "below" };
  /** Words for values, such as 1 for `up`. */
  words?: Record<string, string>;
  /** The largest value there can be. */
  max?: number;
}

const columns = 24;
const heights = { timeseries: 8, stat: 5, bargauge: 8 } as const;
const source = { type: "prometheus", uid: "$datasource" };

/** Panels as Grafana has them, from left to right in rows. */
export function layOut(panels: readonly Panel[]): object[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return panels.map((panel, index) => {
    const height = heights[panel.kind];
    if (x + panel.width > columns) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const gridPos = { x, y, w: panel.width, h: height };
    x += panel.width;
    rowHeight = Math.max(rowHeight, height);
    return { id: index + 1, gridPos, ...panelOf(panel) };
  });
}

function panelOf({ kind, title, description, unit, queries, limit, words, max }: Panel): object {
  return {
    type: kind,
    title,
    description,
    datasource: source,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource: source,
      expr,
      legendFormat: legend,
      // A single figure is one of now; a line is one of a time.
      ...(kind === "timeseries" ? { range: true } : { instant: true }),
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(max !== undefined && { max }),
        color: { mode: kind === "timeseries" ? "palette-classic" : "thresholds" },
        thresholds: { mode: "absolute", steps: steps(limit) },
        mappings: words
          ? [
              {
                type: "value",
                options: Object.fromEntries(
                  Object.entries(words).map(([value, text], index) => [value, { text, index }]),
                ),
              },
            ]
          : [],
        ...(kind === "timeseries" && {
          custom: { thresholdsStyle: { mode: limit ? "line" : "off" }, spanNulls: false },
        }),
      },
      overrides: [],
    },
    options: optionsOf(kind),
  };
}

function steps(limit: Panel["limit"]): { color: string; value: number | null }[] {
  if (!limit) return [{ color: "green", value: null }];
  const [below, above] = limit.bad === "above" ? (["green", "red"] as const) : (["red", "green"] as const);
  return [
    { color: below, value: null },
    { color: above, value: limit.at },
  ];
}

function optionsOf(kind: Panel["kind"]): object {
  const reduceOptions = { calcs: ["lastNotNull"], fields: "", values: false };
  if (kind === "timeseries")
    return {
      legend: { displayMode: "list", placement: "bottom", showLegend: true },
      tooltip: { mode: "multi", sort: "desc" },
    };
  if (kind === "stat") return { reduceOptions, colorMode: "background", textMode: "value_and_name" };
  return { reduceOptions, orientation: "horizontal", displayMode: "basic" };
}
