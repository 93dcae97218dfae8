import { programOf, type ServerModel } from "../../model/server.ts";
import type { Rule } from "../rule.ts";

/** What is started and how, apart from where it listens. */
function startOf(server: ServerModel): string | undefined {
  const { package: name, image, command, args } = programOf(server) ?? {};
  return args && JSON.stringify([Boolean(server.stdio), name, image, command, args]);
}

/** What two servers share, so that one fault ends both; `undefined` where nothing is known. */
function shared(one: ServerModel, other: ServerModel): string | undefined {
  if (one.remote && other.remote) {
    const { host } = new URL(one.remote.url);
    return host === new URL(other.remote.url).host ? `the host ${host}` : undefined;
  }
  if (one.offered && other.offered)
    return one.offered.stack === other.offered.stack
      ? `stack ${one.offered.stack}, which runs both`
      : undefined;
  const started = startOf(one);
  return started !== undefined && started === startOf(other)
    ? "its program and arguments: what one fails on, the other does too"
    : undefined;
}

/** A standby fails of other causes than its primary. */
export const failureDomains: Rule = {
  id: "failure-domains",
  concern: "failover",
  title: "Members of a failover group have no failure domain in common",
  severity: "warning",
  enforcedBy: "policy",
  needs: "gateway",
  remediation:
    "Let the standby be elsewhere: another host, region, stack or provider, or another transport or version of the program. For a second copy of one program, use replicas.",
  code: "failover: [{ primary: search, standby: [searchElsewhere] }] // https://eu.example.com and https://us.example.com",
  reference:
    "Google SRE Book, chapter 22, Addressing Cascading Failures; AWS Well-Architected, REL10: fault isolation",
  check({ gateway, servers }) {
    const named = (name: string) => servers.find((server) => server.name === name);
    return (gateway?.failover ?? []).flatMap(({ primary, standby }, group) =>
      standby.flatMap((name, index) => {
        const [one, other] = [named(primary), named(name)];
        const common = one && other && one !== other ? shared(one, other) : undefined;
        if (!common) return [];
        return [
          {
            path: `gateway ${gateway?.name}: failover[${group}].standby[${index}]`,
            reason: `${name} has in common with ${primary} ${common}`,
          },
        ];
      }),
    );
  },
};
