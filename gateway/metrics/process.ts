import { Counter, Gauge, type Registry } from "prom-client";

/**
 * What the process itself takes, by the names that Prometheus has for it. (prom-client's own set has forty more series, and
 * wakes the process a hundred times a second to measure the event loop's lag.)
 */
export function processMetrics(registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the gateway started, in seconds since 1970",
    registers,
  }).set(Math.round(Date.now() / 1000 - process.uptime()));
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Memory that the gateway takes of the machine's",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  counted({
    name: "process_cpu_seconds_total",
    help: "Processor time that the gateway has used",
    seconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  });
  counted({
    name: "mcp_gateway_event_loop_busy_seconds_total",
    help: "Time in which the gateway's event loop had something to do; at a rate of 1 calls wait for each other",
    seconds: () => performance.eventLoopUtilization().active / 1000,
  });

  /** A counter that somebody else counts. */
  function counted({ name, help, seconds }: { name: string; help: string; seconds: () => number }): void {
    let before = 0;
    new Counter({
      name,
      help,
      registers,
      collect() {
        const now = seconds();
        this.inc(Math.max(0, now - before));
        before = now;
      },
    });
  }
}
