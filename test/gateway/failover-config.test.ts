import { afterAll, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../gateway/config-file.ts";
import { type Config, Fixture, gatewayConfig } from "./fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

const servers = ["a", "b", "c"].map((name) => ({ name, url: `http://127.0.0.1:1/${name}`, timeoutMs: 1000 }));
const group = (primary: string, ...standby: string[]) => ({ primary, standby, mode: "standby" as const });

function faultsOf(failover: Config["failover"]): readonly string[] {
  const file = fixture.file(gatewayConfig({ auth: "none", servers, failover }));
  try {
    readConfig(file, {});
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

const unknown = (at: string, name: string) =>
  `${at}: there is no server "${name}"; add it under servers or take it out of the group`;
const taken = (at: string, name: string, other: string) =>
  `${at}: "${name}" is ${other} already; name each server in one group, once`;

test.each([
  ["a group of servers that there are is fine", [group("a", "b", "c")], []],
  [
    "unknown names are said, all of them",
    [group("x", "y")],
    [unknown("failover[0].primary", "x"), unknown("failover[0].standby[0]", "y")],
  ],
  [
    "nobody stands in for two",
    [group("a", "c"), group("b", "c")],
    [taken("failover[1].standby[0]", "c", "failover[0].standby[0]")],
  ],
  [
    "a primary stands in for nobody",
    [group("a", "b"), group("b", "c")],
    [taken("failover[1].primary", "b", "failover[0].standby[0]")],
  ],
  [
    "nobody stands in for itself",
    [group("a", "a")],
    [taken("failover[0].standby[0]", "a", "failover[0].primary")],
  ],
])("%s", (_, failover, faults) => {
  expect(faultsOf(failover)).toEqual(faults);
});
