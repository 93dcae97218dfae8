import { type EChartsOption, init } from "echarts";
import type { GatewayModel } from "../components/model/gateway.ts";
import type { ToolFigures } from "./figures.ts";

const SIZE = { width: 900, height: 480 };

/** Plots of what was measured: file name to SVG. */
export function plots(
  tools: readonly ToolFigures[],
  objectives: GatewayModel["objectives"],
): Record<string, string> {
  return { "latency.svg": svg(latency(tools, objectives)), "throughput.svg": svg(throughput(tools)) };
}

/** How long calls of one client take: the share of calls that take no longer, by tool. */
function latency(tools: readonly ToolFigures[], objectives: GatewayModel["objectives"]): EChartsOption {
  const objective = objectives && {
    silent: true,
    symbol: "none",
    lineStyle: { color: "#b00" },
    label: { formatter: "objective" },
    data: [{ xAxis: objectives.p95 }],
  };
  return {
    ...common("Time of calls, one client at a time"),
    xAxis: { type: "log", name: "ms", nameLocation: "middle", nameGap: 28 },
    yAxis: { type: "value", name: "% of calls", min: 0, max: 100 },
    series: tools.map(({ name, distribution }, index) => ({
      type: "line",
      name,
      showSymbol: false,
      data: distribution.map(({ percentile, milliseconds }) => [milliseconds, percentile]),
      ...(index === 0 && objective && { markLine: objective }),
    })),
  };
}

/** How many calls a second come through, by the number of clients. */
function throughput(tools: readonly ToolFigures[]): EChartsOption {
  return {
    ...common("Calls that come through"),
    xAxis: { type: "log", logBase: 2, name: "clients at once", nameLocation: "middle", nameGap: 28 },
    yAxis: { type: "log", name: "calls/s" },
    series: tools.map(({ name, levels }) => ({
      type: "line",
      name,
      // Where none came through there is no point on a logarithmic axis.
      data: levels.flatMap(({ clients, rate }) => (rate > 0 ? [[clients, rate]] : [])),
    })),
  };
}

function common(text: string): EChartsOption {
  return {
    animation: false,
    backgroundColor: "#fff",
    title: { text, left: "center" },
    legend: { type: "scroll", bottom: 0, itemGap: 24 },
    grid: { left: 60, right: 40, top: 60, bottom: 80 },
  };
}

function svg(option: EChartsOption): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  chart.setOption(option);
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}
