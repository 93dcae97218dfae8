// @ts-check

/**
 * NetworkPolicies as rules of a node's packet filter. A node judges what its own pods send and what they are sent:
 * the receiving node knows a sender by the address of its pod, and a Service has become the address of one of its
 * pods before a packet is forwarded.
 *
 * @typedef {import("@kubernetes/client-node").V1Pod} Pod
 * @typedef {import("@kubernetes/client-node").V1Namespace} Namespace
 * @typedef {import("@kubernetes/client-node").V1LabelSelector} LabelSelector
 *
 * As the API has it in JSON; the client's own type has another name for `from`.
 * @typedef {{ port?: number | string, endPort?: number, protocol?: string }} Port
 * @typedef {{
 *   podSelector?: LabelSelector, namespaceSelector?: LabelSelector, ipBlock?: { cidr: string, except?: string[] },
 * }} Peer
 * @typedef {{ from?: Peer[], to?: Peer[], ports?: Port[] }} Rule
 * @typedef {{ podSelector?: LabelSelector, policyTypes?: string[], ingress?: Rule[], egress?: Rule[] }} PolicySpec
 * @typedef {{ metadata?: { name?: string, namespace?: string }, spec?: PolicySpec }} NetworkPolicy
 *
 * @typedef {{ pods: Pod[], namespaces: Namespace[], policies: NetworkPolicy[] }} Objects
 */

const table = "mcp-infra-network-policies";

/**
 * What nft takes to have the rules of a node and no others: one transaction, so that there is no moment without.
 * @param {string} node
 * @param {Objects} objects
 */
export function nodeRuleset(node, objects) {
  const pods = holders(objects.pods);
  const here = pods.filter(({ spec }) => spec?.nodeName === node);
  /** @type {string[]} */
  const chains = [];
  /** @type {Record<Direction, string[]>} */
  const jumps = { from: [], to: [] };
  for (const pod of here) {
    for (const direction of /** @type {const} */ (["from", "to"])) {
      const rules = podRules(pod, direction, { ...objects, pods });
      if (!rules) continue;
      const address = addressOf(pod);
      const chain = `${direction}-${address}`;
      jumps[direction].push(`${address} : jump ${chain}`);
      chains.push(
        `  # ${pod.metadata?.namespace}/${pod.metadata?.name}`,
        `  chain ${chain} {`,
        ...rules.map((rule) => `    ${rule}`),
        "  }",
      );
    }
  }
  const judged = [
    ...(jumps.from.length > 0 ? [`    ip saddr vmap { ${jumps.from.join(", ")} }`] : []),
    ...(jumps.to.length > 0 ? [`    ip daddr vmap { ${jumps.to.join(", ")} }`] : []),
  ];
  return [
    `table ip ${table}`, // Makes it if there is none to delete.
    `delete table ip ${table}`,
    `table ip ${table} {`,
    ...chains,
    "  chain forward {",
    // The node's own packets to its pods, those of kubelet's probes, are not forwarded and always pass.
    "    type filter hook forward priority filter; policy accept;",
    "    ct state established,related accept",
    ...judged,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** @typedef {"from" | "to"} Direction what leaves a pod, or reaches it */

/**
 * @param {Pod} pod
 * @param {Direction} direction
 * @param {Objects} objects
 * @returns {string[] | undefined} nothing where no policy isolates the pod in this direction
 */
function podRules(pod, direction, objects) {
  const type = direction === "to" ? "Ingress" : "Egress";
  const policies = objects.policies.filter(
    ({ metadata, spec }) =>
      metadata?.namespace === pod.metadata?.namespace &&
      typesOf(spec).includes(type) &&
      selects(spec?.podSelector ?? {}, pod.metadata?.labels),
  );
  if (policies.length === 0) return undefined;
  const allowed = policies.flatMap(({ metadata, spec }) =>
    (direction === "to" ? spec?.ingress : spec?.egress)?.flatMap((rule) => {
      const peers = direction === "to" ? rule.from : rule.to;
      return direction === "to"
        ? ingressRules(pod, peers, rule.ports, metadata?.namespace, objects)
        : egressRules(peers, rule.ports, metadata?.namespace, objects);
    }),
  );
  const itself = `ip ${direction === "to" ? "saddr" : "daddr"} ${addressOf(pod)}`;
  const conditions = [...new Set([itself, ...allowed.filter((rule) => rule !== undefined)])];
  // Back to where it was called from: the other end may yet have a say.
  return [...conditions.map((condition) => `${condition} return`.trim()), "counter drop"];
}

function typesOf(/** @type {PolicySpec | undefined} */ spec) {
  return spec?.policyTypes ?? ["Ingress", ...(spec?.egress ? ["Egress"] : [])];
}

/**
 * @param {Pod} pod
 * @param {Peer[] | undefined} peers
 * @param {Port[] | undefined} ports
 * @param {string | undefined} namespace of the policy
 * @param {Objects} objects
 */
function ingressRules(pod, peers, ports, namespace, objects) {
  return combine(addressConditions("saddr", peers, namespace, objects), portConditions(ports, pod));
}

/**
 * @param {Peer[] | undefined} peers
 * @param {Port[] | undefined} ports
 * @param {string | undefined} namespace of the policy
 * @param {Objects} objects
 */
function egressRules(peers, ports, namespace, objects) {
  const named = ports?.filter(({ port }) => typeof port === "string") ?? [];
  const numbered = ports?.filter(({ port }) => typeof port !== "string");
  // What a name stands for is each receiver's own.
  const receivers = isEmpty(peers)
    ? objects.pods
    : objects.pods.filter((pod) => peers?.some((peer) => isPeer(pod, peer, namespace, objects)));
  return [
    ...(isEmpty(numbered) && named.length > 0
      ? []
      : combine(addressConditions("daddr", peers, namespace, objects), portConditions(numbered))),
    ...(named.length > 0
      ? receivers.flatMap((pod) => combine([`ip daddr ${addressOf(pod)}`], portConditions(named, pod)))
      : []),
  ];
}

function combine(/** @type {string[]} */ addresses, /** @type {string[]} */ ports) {
  return addresses.flatMap((address) => ports.map((port) => [address, port].filter(Boolean).join(" ")));
}

/**
 * @param {"saddr" | "daddr"} field
 * @param {Peer[] | undefined} peers
 * @param {string | undefined} namespace
 * @param {Objects} objects
 * @returns {string[]} one of which has to hold; an empty one holds for everybody
 */
function addressConditions(field, peers, namespace, objects) {
  if (isEmpty(peers)) return [""];
  const blocks = peers?.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock] : [])) ?? [];
  const pods = objects.pods.filter((pod) => peers?.some((peer) => isPeer(pod, peer, namespace, objects)));
  const addresses = pods.map(addressOf);
  return [
    ...(addresses.length > 0 ? [`ip ${field} { ${addresses.join(", ")} }`] : []),
    ...blocks.filter(({ cidr }) => isVersion4(cidr)).map((block) => blockCondition(field, block)),
  ];
}

/** @param {string} field @param {{ cidr: string, except?: string[] }} block */
function blockCondition(field, { cidr, except = [] }) {
  const but = except.filter(isVersion4);
  // Everybody is no prefix to nft.
  const within = cidr.endsWith("/0") ? [] : [`ip ${field} ${cidr}`];
  return [...within, ...but.map((each) => `ip ${field} != ${each}`)].join(" ");
}

/**
 * @param {Port[] | undefined} ports
 * @param {Pod} [receiver] whose names they are; without one a name stands for nothing
 * @returns {string[]} one of which has to hold
 */
function portConditions(ports, receiver) {
  if (isEmpty(ports)) return [""];
  const conditions = ports?.flatMap(({ port, endPort, protocol = "TCP" }) => {
    const is = protocol.toLowerCase();
    if (port === undefined) return [`ip protocol ${is}`];
    if (typeof port === "number") return [`${is} dport ${endPort ? `${port}-${endPort}` : port}`];
    return namedPorts(receiver, port, protocol).map((number) => `${is} dport ${number}`);
  });
  return conditions ?? [];
}

/** @param {Pod | undefined} pod @param {string} wanted @param {string} protocol */
function namedPorts(pod, wanted, protocol) {
  // A sidecar is an init container that stays.
  const containers = [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])];
  return containers
    .flatMap(({ ports }) => ports ?? [])
    .filter((port) => port.name === wanted && (port.protocol ?? "TCP") === protocol)
    .map(({ containerPort }) => containerPort);
}

/**
 * @param {Pod} pod
 * @param {Peer} peer
 * @param {string | undefined} namespace of the policy
 * @param {Objects} objects
 */
function isPeer(pod, { podSelector, namespaceSelector, ipBlock }, namespace, { namespaces }) {
  if (ipBlock) return false;
  const of = pod.metadata?.namespace;
  if (podSelector && !selects(podSelector, pod.metadata?.labels)) return false;
  if (!namespaceSelector) return of === namespace;
  const found = namespaces.find(({ metadata }) => metadata?.name === of);
  return !!found && selects(namespaceSelector, found.metadata?.labels);
}

/**
 * @param {LabelSelector} selector an empty one selects everything
 * @param {Record<string, string>} [labels]
 */
function selects({ matchLabels = {}, matchExpressions = [] }, labels = {}) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      const isIn = value !== undefined && values.includes(value);
      /** @type {Record<string, boolean>} */
      const holds = {
        In: isIn,
        NotIn: !isIn,
        Exists: value !== undefined,
        DoesNotExist: value === undefined,
      };
      return holds[operator] ?? false;
    })
  );
}

/**
 * The pods that have an address of their own, in the order of these. A pod that has ended has given it back, and
 * where that is not known yet it is the younger pod's.
 */
function holders(/** @type {Pod[]} */ pods) {
  const born = (/** @type {Pod} */ { metadata }) => new Date(metadata?.creationTimestamp ?? 0).getTime();
  const ended = (/** @type {Pod} */ { status }) => ["Succeeded", "Failed"].includes(status?.phase ?? "");
  const withAddress = pods.filter((pod) => addressOf(pod) && !pod.spec?.hostNetwork && !ended(pod));
  const youngest = new Map(
    withAddress.sort((one, other) => born(one) - born(other)).map((pod) => [addressOf(pod), pod]),
  );
  return [...youngest.keys()].sort().flatMap((address) => youngest.get(address) ?? []);
}

function addressOf(/** @type {Pod} */ { status }) {
  return status?.podIP ?? "";
}

function isVersion4(/** @type {string} */ cidr) {
  return !cidr.includes(":");
}

/** No list and an empty one mean the same: no restriction. */
function isEmpty(/** @type {unknown[] | undefined} */ list) {
  return !list || list.length === 0;
}
